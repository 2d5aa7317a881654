//! Small well-behaved proxies on loopback: HTTP (forwarding, and CONNECT tunnels), the same over TLS, and SOCKS5 (RFC
//! 1928, RFC 1929).

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// The protocol of a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speech {
    Http,
    Socks,
}

/// The behaviour of a proxy.
#[derive(Clone, Default)]
pub(crate) struct Manner {
    /// The required user name and password.
    pub(crate) secret: Option<(&'static str, &'static str)>,
    /// The names that it resolves; it accepts all addresses.
    pub(crate) names: Vec<(String, SocketAddr)>,
    /// It accepts connections and never responds.
    pub(crate) is_mute: bool,
    /// Clients connect over TLS.
    pub(crate) tls: Option<TlsAcceptor>,
}

/// A running proxy. It stops when it is dropped.
pub(crate) struct Proxy {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    _task: JoinSet<()>,
}

/// What a proxy has received.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) connections: usize,
    /// The requested targets, as the client wrote them: `host:port`.
    pub(crate) targets: Vec<String>,
    /// Requests without the right user name and password.
    pub(crate) strangers: usize,
}

type Stream = Box<dyn Wire>;

pub(crate) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

impl Proxy {
    pub(crate) async fn start(speech: Speech, manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let mut task = JoinSet::new();
        task.spawn(accept(listener, speech, manner, Arc::clone(&seen)));
        Self { address, seen, _task: task }
    }

    /// Its URL for the settings.
    pub(crate) fn url(&self, scheme: &str, user: &str) -> String {
        let at = if user.is_empty() { "" } else { "@" };
        // The certificate is for a name.
        let host =
            if scheme == "https" { "localhost".to_owned() } else { self.address.ip().to_string() };
        format!("{scheme}://{user}{at}{host}:{}", self.address.port())
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }
}

async fn accept(listener: TcpListener, speech: Speech, manner: Manner, seen: Arc<Mutex<Seen>>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        // Without `TCP_NODELAY`, small writes wait for delayed acknowledgements, up to 40 ms of real time.
        let Ok(()) = stream.set_nodelay(true) else { return };
        seen.lock().unwrap().connections += 1;
        let (manner, seen) = (manner.clone(), Arc::clone(&seen));
        connections.spawn(async move {
            // An error ends only this client's connection.
            drop(serve(stream, speech, &manner, &seen).await);
        });
    }
}

async fn serve(
    stream: TcpStream,
    speech: Speech,
    manner: &Manner,
    seen: &Mutex<Seen>,
) -> io::Result<()> {
    let mut stream: Stream = match &manner.tls {
        Some(acceptor) => Box::new(acceptor.accept(stream).await?),
        None => Box::new(stream),
    };
    if manner.is_mute {
        return stream.read_to_end(&mut Vec::new()).await.map(drop);
    }
    match speech {
        Speech::Http => serve_http(stream, manner, seen).await,
        Speech::Socks => serve_socks(stream, manner, seen).await,
    }
}

/// Connects to the requested target.
async fn connect(target: &str, manner: &Manner, seen: &Mutex<Seen>) -> io::Result<TcpStream> {
    seen.lock().unwrap().targets.push(target.to_owned());
    let (host, _) = target.rsplit_once(':').ok_or(io::ErrorKind::InvalidInput)?;
    let known = manner.names.iter().find(|(name, _)| name == host).map(|(_, address)| *address);
    let address = match known {
        Some(address) => address,
        None => target.parse().map_err(|_| io::Error::from(io::ErrorKind::NotFound))?,
    };
    TcpStream::connect(address).await
}

async fn serve_http(mut stream: Stream, manner: &Manner, seen: &Mutex<Seen>) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.trim_end().split("\r\n");
    let request = lines.next().unwrap_or_default();
    let fields: Vec<(String, &str)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .collect();
    if let Some((user, password)) = manner.secret {
        let wanted = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
        let is_known =
            fields.iter().any(|(name, value)| name == "proxy-authorization" && *value == wanted);
        if !is_known {
            seen.lock().unwrap().strangers += 1;
            let answer = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            return stream.write_all(answer.as_bytes()).await;
        }
    }
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if method == "CONNECT" {
        let Ok(mut host) = connect(target, manner, seen).await else {
            return stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n").await;
        };
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
        return copy_bidirectional(&mut stream, &mut host).await.map(drop);
    }
    let url: url::Url = target.parse().map_err(|_| io::ErrorKind::InvalidInput)?;
    let authority = format!("{}:{}", url.host_str().unwrap_or_default(), url.port().unwrap_or(80));
    let mut host = connect(&authority, manner, seen).await?;
    let path = &url[url::Position::BeforePath..];
    let mut passed_on = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
    for (name, value) in &fields {
        if !name.starts_with("proxy-") && name != "connection" {
            passed_on.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    host.write_all(format!("{passed_on}\r\n").as_bytes()).await?;
    copy_bidirectional(&mut stream, &mut host).await.map(drop)
}

async fn serve_socks(mut stream: Stream, manner: &Manner, seen: &Mutex<Seen>) -> io::Result<()> {
    let _version = stream.read_u8().await?;
    let methods = read_string(&mut stream).await?;
    let wanted = if manner.secret.is_some() { 2 } else { 0 };
    if !methods.contains(&wanted) {
        seen.lock().unwrap().strangers += 1;
        return stream.write_all(&[5, 0xff]).await;
    }
    stream.write_all(&[5, wanted]).await?;
    if let Some((user, password)) = manner.secret {
        let _version = stream.read_u8().await?;
        let given = (read_string(&mut stream).await?, read_string(&mut stream).await?);
        let is_known = given == (user.as_bytes().to_vec(), password.as_bytes().to_vec());
        stream.write_all(&[1, u8::from(!is_known)]).await?;
        if !is_known {
            seen.lock().unwrap().strangers += 1;
            return Ok(());
        }
    }
    let (mut request, mut host) = ([0; 4], Vec::new());
    stream.read_exact(&mut request).await?;
    let host = match request[3] {
        1 => {
            host.resize(4, 0);
            stream.read_exact(&mut host).await?;
            host.iter().map(u8::to_string).collect::<Vec<_>>().join(".")
        }
        3 => String::from_utf8_lossy(&read_string(&mut stream).await?).into_owned(),
        // The fake servers have no IPv6.
        _ => return stream.write_all(&[5, 8, 0, 1, 0, 0, 0, 0, 0, 0]).await,
    };
    let target = format!("{host}:{}", stream.read_u16().await?);
    let Ok(mut host) = connect(&target, manner, seen).await else {
        return stream.write_all(&[5, 4, 0, 1, 0, 0, 0, 0, 0, 0]).await;
    };
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    copy_bidirectional(&mut stream, &mut host).await.map(drop)
}

/// A string with a one-byte length prefix.
async fn read_string(stream: &mut Stream) -> io::Result<Vec<u8>> {
    let mut text = vec![0; stream.read_u8().await?.into()];
    stream.read_exact(&mut text).await?;
    Ok(text)
}
