//! The page of conformance itself: it has every rule, and every test that it names exists.

use std::collections::BTreeSet;

use super::read;

/// The rules of each section.
const RULES: [usize; 11] = [5, 14, 9, 8, 4, 5, 14, 5, 3, 5, 10];

/// Number, rule and holder of each row.
fn rows(page: &str) -> Vec<[&str; 3]> {
    let is_rule = |line: &&str| {
        line.strip_prefix("| ")
            .is_some_and(|row| row.starts_with(|first: char| first.is_ascii_digit()))
    };
    let rows = page.lines().filter(is_rule);
    rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        cells.try_into().unwrap_or_else(|_| panic!("three cells: {line}"))
    })
    .collect()
}

#[test]
fn every_rule_has_a_test_or_a_reason() {
    let page = read("docs/conformance.md");
    let numbers: Vec<String> = rows(&page).iter().map(|row| row[0].to_owned()).collect();
    let expected: Vec<String> = (1..)
        .zip(RULES)
        .flat_map(|(section, rules)| (1..=rules).map(move |rule| format!("{section}.{rule}")))
        .collect();
    assert_eq!(numbers, expected, "the rules in order");
    for [number, rule, holder] in rows(&page) {
        assert!(rule.len() > 20, "{number} says too little");
        assert!(holder.contains("::") || holder.starts_with("Not "), "{number} is not held");
    }
}

#[test]
fn every_test_that_the_page_names_exists() {
    let page = read("docs/conformance.md");
    let named: BTreeSet<&str> =
        page.split('`').skip(1).step_by(2).filter(|code| code.contains(".rs::")).collect();
    assert!(named.len() > 50, "{} tests are named", named.len());
    for name in named {
        let (path, function) = name.split_once("::").unwrap();
        let is_there = read(path).contains(&format!("fn {function}("));
        assert!(is_there, "{path} has no test {function}");
    }
}

#[test]
fn every_test_of_conformance_is_on_the_page() {
    let page = read("docs/conformance.md");
    for file in ["atom", "every", "http", "json", "rss"] {
        let path = format!("tests/it/conformance/{file}.rs");
        let text = read(&path);
        let tests = text.split("#[tokio::test]\n").skip(1);
        for test in tests {
            let name = test.trim_start_matches("async fn ").split('(').next().unwrap();
            assert!(page.contains(&format!("`{path}::{name}`")), "{path}::{name} holds no rule");
        }
    }
}
