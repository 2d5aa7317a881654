//! Translates links into Telegram's app (`tg:`) to addresses of t.me. Source: <https://core.telegram.org/api/links>.

use url::Url;

use crate::model::ChannelName;

/// `None` if there is no equivalent, as for `tg://user?id=1` or a page of the settings.
pub(super) fn to_web(link: &Url) -> Option<Url> {
    let mut query = Query(link.query_pairs().into_owned().collect());
    // `tg://resolve?…`, `tg:resolve?…` and `tg:///resolve?…` are one command.
    let command = format!("{}{}", link.host_str().unwrap_or_default(), link.path());
    let command = command.trim_matches('/').to_ascii_lowercase();
    let path = match command.as_str() {
        "resolve" => resolve(&mut query)?,
        "privatepost" => {
            let channel = query.take_number("channel")?;
            let post = query.take_number("post")?;
            vec!["c".to_owned(), channel, post]
        }
        "boost" if !query.has("domain") => {
            let channel = query.take_number("channel")?;
            query.0.push(("c".to_owned(), channel));
            vec!["boost".to_owned()]
        }
        "join" => vec![format!("+{}", query.take("invite")?)],
        // The values stay in the query.
        "confirmphone" if query.has("phone") => vec![command],
        "proxy" | "socks" if query.has("server") => vec![command],
        "msg_url" | "share" if query.has("url") => vec!["share".to_owned(), "url".to_owned()],
        // The value ends the path.
        _ => {
            let (path, keys) = path_and_keys(&command)?;
            let value = keys.iter().find_map(|key| query.take(key))?;
            vec![path.to_owned(), value]
        }
    };
    let mut web = Url::parse("https://t.me/").ok()?;
    web.path_segments_mut().ok()?.pop_if_empty().extend(&path);
    query.append_to(&mut web);
    Some(web)
}

/// The path of a command with one value, and the possible keys of the value.
fn path_and_keys(command: &str) -> Option<(&str, &'static [&'static str])> {
    Some(match command {
        "addemoji" | "addstickers" => (command, &["set"]),
        "addlist" | "addstyle" | "addtheme" | "call" | "giftcode" | "invoice" | "nft" => {
            (command, &["slug"])
        }
        "bg" => (command, &["slug", "color", "gradient"]),
        "boost" => (command, &["domain"]),
        "contact" => (command, &["token"]),
        "login" => (command, &["code"]),
        "message" => ("m", &["slug"]),
        "setlanguage" => (command, &["lang"]),
        "stargift_auction" => ("auction", &["slug"]),
        _ => return None,
    })
}

/// The path for a name or phone number, with the post, story, album or app of that name.
fn resolve(query: &mut Query) -> Option<Vec<String>> {
    let Some(name) = query.take("domain") else {
        let phone = query.take("phone")?;
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        return (!digits.is_empty()).then(|| vec![format!("+{digits}")]);
    };
    let name = ChannelName::parse(name.trim_start_matches('@')).ok()?.to_string();
    let mut path = vec![name];
    if let Some(post) = query.take_number("post") {
        path.push(post);
    } else if let Some(story) = query.take("story") {
        path.extend(["s".to_owned(), story]);
    } else if let Some(album) = query.take_number("album") {
        path.extend(["a".to_owned(), album]);
    } else if let Some(app) = query.take("appname") {
        path.push(app);
    }
    Some(path)
}

/// Values of a link that are not part of a path yet.
struct Query(Vec<(String, String)>);

impl Query {
    fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(name, value)| name == key && !value.is_empty())
    }

    /// The value if it is a name, slug or hash.
    fn take(&mut self, key: &str) -> Option<String> {
        let at = self.0.iter().position(|(name, _)| name == key)?;
        self.0[at].1 = self.0[at].1.trim().to_owned();
        is_slug(&self.0[at].1).then(|| self.0.remove(at).1)
    }

    fn take_number(&mut self, key: &str) -> Option<String> {
        self.take(key).filter(|value| value.bytes().all(|byte| byte.is_ascii_digit()))
    }

    fn append_to(self, web: &mut Url) {
        if self.0.is_empty() {
            return;
        }
        let mut pairs = web.query_pairs_mut();
        for (key, value) in self.0 {
            if value.is_empty() {
                pairs.append_key_only(&key);
            } else {
                pairs.append_pair(&key, &value);
            }
        }
    }
}

fn is_slug(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-~.@+".contains(&byte))
        && value.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(link: &str) -> Option<String> {
        to_web(&Url::parse(link).unwrap()).map(String::from)
    }

    #[test]
    fn app_links_become_web_addresses() {
        for (link, expected) in [
            ("tg://resolve?domain=tea", "https://t.me/tea"),
            ("tg:resolve?domain=tea", "https://t.me/tea"),
            ("TG://RESOLVE/?domain=tea", "https://t.me/tea"),
            ("tg:///resolve?domain=tea", "https://t.me/tea"),
            ("tg://resolve?domain=@tea", "https://t.me/tea"),
            ("tg://resolve?domain=tea&post=7", "https://t.me/tea/7"),
            ("tg://resolve?post=7&domain=tea&single", "https://t.me/tea/7?single"),
            (
                "tg://resolve?domain=tea&post=7&comment=9&thread=3",
                "https://t.me/tea/7?comment=9&thread=3",
            ),
            ("tg://resolve?domain=tea&post=7&t=90", "https://t.me/tea/7?t=90"),
            ("tg://resolve?domain=pot_bot&start=a-b_1", "https://t.me/pot_bot?start=a-b_1"),
            ("tg://resolve?domain=pot_bot&startgroup", "https://t.me/pot_bot?startgroup"),
            (
                "tg://resolve?domain=pot_bot&appname=shop&startapp=x",
                "https://t.me/pot_bot/shop?startapp=x",
            ),
            ("tg://resolve?domain=tea&story=5", "https://t.me/tea/s/5"),
            ("tg://resolve?domain=tea&album=5", "https://t.me/tea/a/5"),
            ("tg://resolve?domain=tea&videochat=x", "https://t.me/tea?videochat=x"),
            ("tg://resolve?domain=tea&text=Two+cups", "https://t.me/tea?text=Two+cups"),
            ("tg://resolve?phone=4930123", "https://t.me/+4930123"),
            ("tg://resolve?phone=+4930123&text=x", "https://t.me/+4930123?text=x"),
            ("tg://join?invite=AbC-d_1", "https://t.me/+AbC-d_1"),
            ("tg://addlist?slug=AbC1", "https://t.me/addlist/AbC1"),
            ("tg://addstickers?set=Cups", "https://t.me/addstickers/Cups"),
            ("tg://addemoji?set=Cups", "https://t.me/addemoji/Cups"),
            ("tg://addtheme?slug=dark", "https://t.me/addtheme/dark"),
            ("tg://addstyle?slug=dark", "https://t.me/addstyle/dark"),
            ("tg://bg?slug=AbC&mode=blur", "https://t.me/bg/AbC?mode=blur"),
            ("tg://bg?color=ffffff", "https://t.me/bg/ffffff"),
            ("tg://bg?gradient=fff000~000fff", "https://t.me/bg/fff000~000fff"),
            ("tg://boost?domain=tea", "https://t.me/boost/tea"),
            ("tg://boost?channel=123", "https://t.me/boost?c=123"),
            ("tg://call?slug=AbC", "https://t.me/call/AbC"),
            ("tg://contact?token=AbC", "https://t.me/contact/AbC"),
            ("tg://giftcode?slug=AbC", "https://t.me/giftcode/AbC"),
            ("tg://invoice?slug=AbC", "https://t.me/invoice/AbC"),
            ("tg://login?code=12345", "https://t.me/login/12345"),
            ("tg://message?slug=AbC", "https://t.me/m/AbC"),
            ("tg://nft?slug=Cup-1", "https://t.me/nft/Cup-1"),
            ("tg://setlanguage?lang=pt-br", "https://t.me/setlanguage/pt-br"),
            ("tg://stargift_auction?slug=AbC", "https://t.me/auction/AbC"),
            ("tg://privatepost?channel=123&post=7&single", "https://t.me/c/123/7?single"),
            (
                "tg://proxy?server=a.example&port=443&secret=ee",
                "https://t.me/proxy?server=a.example&port=443&secret=ee",
            ),
            (
                "tg://socks?server=a.example&port=1080",
                "https://t.me/socks?server=a.example&port=1080",
            ),
            (
                "tg://msg_url?url=https%3A%2F%2Fa.example%2F&text=Tea",
                "https://t.me/share/url?url=https%3A%2F%2Fa.example%2F&text=Tea",
            ),
            ("tg://confirmphone?phone=49&hash=ab", "https://t.me/confirmphone?phone=49&hash=ab"),
        ] {
            assert_eq!(read(link).as_deref(), Some(expected), "{link}");
        }
    }

    #[test]
    fn app_only_and_broken_links_have_no_web_address() {
        for link in [
            "tg://user?id=12345",
            "tg://openmessage?user_id=12345",
            "tg://settings/themes",
            "tg://passport?bot_id=1",
            "tg://login?token=AbC",
            "tg://stars_topup?balance=5",
            "tg://resolve",
            "tg://resolve?domain=",
            "tg://resolve?domain=../evil",
            "tg://resolve?domain=a.example%2Fx",
            "tg://resolve?phone=x",
            "tg://join",
            "tg://join?invite=",
            "tg://join?invite=a%2F..%2Fb",
            "tg://join?invite=..",
            "tg://addlist?slug=a%3Fb",
            "tg://privatepost?channel=x&post=7",
            "tg://proxy?port=443",
            "tg://",
            "tg:",
        ] {
            assert_eq!(read(link), None, "{link}");
        }
    }
}
