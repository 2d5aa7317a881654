//! HTTPS through each kind of proxy, as with the real Telegram. The tests run the program and replace the system's
//! certificate authorities with their own (`tests/fixtures/tls`: keys and names for tests only).

use std::process::{Command, Output};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::server::{Manner, Proxy, Speech};
use super::telegram;

/// The name in the certificate.
const HOST: &str = "telegram.example";

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tls");

fn acceptor() -> TlsAcceptor {
    drop(rustls::crypto::ring::default_provider().install_default());
    let certificate = CertificateDer::from_pem_file(format!("{FOLDER}/server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(format!("{FOLDER}/server.key")).unwrap();
    let config = ServerConfig::builder().with_no_client_auth();
    TlsAcceptor::from(Arc::new(config.with_single_cert(vec![certificate], key).unwrap()))
}

/// Terminates TLS in front of a fake Telegram.
async fn front(listener: TcpListener, telegram: std::net::SocketAddr) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        connections.spawn(async move {
            let Ok(mut stream) = acceptor().accept(stream).await else { return };
            let mut telegram = TcpStream::connect(telegram).await.unwrap();
            drop(tokio::io::copy_bidirectional(&mut stream, &mut telegram).await);
        });
    }
}

/// Runs `feedline fetch tidewater` against a Telegram at an https URL, through a proxy.
async fn fetch(url: String, proxy: String) -> Output {
    let run = move || {
        Command::new(env!("CARGO_BIN_EXE_feedline"))
            .args(["fetch", "tidewater", "--format", "json"])
            .args(["--set", "upstream.fallback=[]", "--set", &format!("upstream.url={url}")])
            .env("FEEDLINE_UPSTREAM__PROXIES", format!("['{proxy}']"))
            .env("SSL_CERT_FILE", format!("{FOLDER}/authority.pem"))
            .env_remove("SSL_CERT_DIR")
            .current_dir(std::env::temp_dir())
            .output()
            .unwrap()
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

#[tokio::test]
async fn https_through_any_proxy_is_end_to_end() {
    let (fake, control) = telegram().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let _front = JoinSet::from_iter([front(listener, fake.address())]);
    let url = format!("https://{HOST}:{}", address.port());
    let names = vec![(HOST.to_owned(), address)];
    for (scheme, speech) in
        [("http", Speech::Http), ("https", Speech::Http), ("socks5h", Speech::Socks)]
    {
        let tls = (scheme == "https").then(acceptor);
        let secret = Some(("anna", "s3cret"));
        let manner = Manner { secret, names: names.clone(), tls, ..Manner::default() };
        let proxy = Proxy::start(speech, manner).await;
        control.reset_counts();
        let output = fetch(url.clone(), proxy.url(scheme, "anna:s3cret")).await;
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{scheme}: {errors}");
        let feed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(feed["items"].as_array().unwrap().len() > 3, "{scheme}");
        let (seen, target) = (proxy.seen(), format!("{HOST}:{}", address.port()));
        assert_eq!(seen.targets.first(), Some(&target), "{scheme}: a tunnel to the name");
        let headers = &control.requests()[0].headers;
        assert!(!headers.contains_key("proxy-authorization"), "{scheme}: {headers:?}");

        let output = fetch(url.clone(), proxy.url(scheme, "anna:s3crow")).await;
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{scheme}");
        assert!(errors.contains("the proxy of upstream.proxies cannot connect"), "{errors}");
        assert!(!errors.contains("s3crow"), "{errors}");
    }
}

#[tokio::test]
async fn proxy_with_invalid_certificate_gets_no_request() {
    let (fake, control) = telegram().await;
    let tls = Some(acceptor());
    let proxy = Proxy::start(Speech::Http, Manner { tls, ..Manner::default() }).await;
    // The certificate is for a name, not for an address.
    let url = proxy.url("https", "anna:s3cret").replace("localhost", "127.0.0.1");
    let output = fetch(format!("http://{}", fake.address()), url).await;
    assert!(!output.status.success());
    assert_eq!((proxy.seen().targets.len(), proxy.seen().strangers, control.total()), (0, 0, 0));
}
