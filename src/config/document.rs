//! The page of all settings, `docs/configuration.md`: the help of the file that ships with feedline, and what the table of
//! settings says that each takes.

use super::{Config, DEFAULT_FILE, collection, setting};

/// What stands above the sections.
const HEAD: &str = "# Settings

<!-- Written by `feedline config --markdown`: change config.toml or src/config/setting/, not this page. -->

Each setting has a default, and a missing file is fine. They come from three places, the stronger last:

| from | written as | for example |
|---|---|---|
| the file: `config.toml` in the working directory, or `--config FILE` | TOML | `[cache]` and below it `memory = \"128MiB\"` |
| the environment | `FEEDLINE_SECTION__KEY`; a value is TOML, a bare word is a text | `FEEDLINE_CACHE__MEMORY=128MiB`, `FEEDLINE_UPSTREAM__FALLBACK='[]'` |
| flags | `--set section.key=value`, several times; `--listen ADDRESS` | `--set cache.memory=128MiB` |

`feedline config --default` prints a file with all of them, `feedline config` those in force (as a file that can be used again; passwords are left out), and `feedline check` tests whether they
work here. Unknown keys, unknown `FEEDLINE_…` variables in any case and invalid values are startup errors, with the place and a suggestion. Exempt are the variables that Kubernetes and Docker make for a
service called `feedline` (`FEEDLINE_SERVICE_HOST=10.0.0.1`, `FEEDLINE_PORT=tcp://10.0.0.1:8417`, `FEEDLINE_PORT_8417_TCP_ADDR=10.0.0.1`): they are ignored. Times are written `30s`, `5m`, `1h`, `3d`; sizes `64MiB`, `2GiB`.
Relative paths start at the file's folder, without a file at the working directory.
";

/// All settings as a page of Markdown.
pub fn markdown() -> String {
    let mut page = HEAD.to_owned();
    let mut help = Vec::new();
    let mut rows = Vec::new();
    let mut section = "";
    // What stands above the first section is about the file itself.
    for line in DEFAULT_FILE.lines().skip_while(|line| !line.starts_with('[')).chain([""]) {
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']);
            page.push_str(&format!("\n## `[{section}]`\n"));
        } else if let Some(words) = line.strip_prefix("# ") {
            help.push(words);
        } else if let Some((key, _)) =
            line.strip_prefix('#').and_then(|line| line.split_once(" = "))
        {
            rows.push(format!("{section}.{key}"));
        } else if line.is_empty() {
            write_group(&mut page, &help, &rows);
            help.clear();
            rows.clear();
        }
    }
    page
}

/// What the file says in one place, and the settings below it.
fn write_group(page: &mut String, help: &[&str], keys: &[String]) {
    if keys.is_empty() {
        if let Some(start) = help.iter().position(|line| line.starts_with("[collections.")) {
            write_collection(page, &help[..start], &help[start..]);
        }
        return;
    }
    page.push_str(&format!(
        "\n{}\n\n| setting | takes | default |\n|---|---|---|\n",
        help.join(" ")
    ));
    let default = Config::default();
    let settings = keys.iter().filter_map(|key| setting::all().find(|it| it.key == key));
    for setting in settings {
        let (key, takes) = (setting.key, cell(setting.takes));
        let value = cell(&(setting.get)(&default).to_string());
        page.push_str(&format!("| `{key}` | {takes} | `{value}` |\n"));
    }
}

/// The one section whose name people choose.
fn write_collection(page: &mut String, help: &[&str], example: &[&str]) {
    page.push_str("\n## `[collections.<name>]`\n\n");
    page.push_str(&format!("{}\n\n```toml\n{}\n```\n", help.join(" "), example.join("\n")));
    page.push_str("\n| setting | takes |\n|---|---|\n");
    for key in collection::KEYS {
        let takes = cell(collection::takes(key).unwrap_or_default());
        page.push_str(&format!("| `collections.<name>.{key}` | {takes} |\n"));
    }
}

/// Text for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_its_row() {
        let page = markdown();
        for setting in setting::all() {
            let row = format!("\n| `{}` | {} | `", setting.key, cell(setting.takes));
            assert!(page.contains(&row), "{} has no row", setting.key);
        }
        assert_eq!(page.matches("\n| `collections.<name>.").count(), collection::KEYS.len());
    }
}
