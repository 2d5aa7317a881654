//! The servers under measurement, in processes of their own: feedline's release and nginx. They end with this process.

use std::fs::{File, create_dir_all, write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;
use tempfile::TempDir;

use super::client::Answer;
use super::machine::{self, wait_for};

/// A running server, stopped on drop.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
    /// The folder of the archive, deleted with the server. Each run begins with an empty archive.
    archive: Option<TempDir>,
}

impl Server {
    /// Starts feedline at the highest rate that the settings allow, with additional settings, and waits until it
    /// listens.
    pub(crate) fn feedline(
        program: &Path,
        telegram: &str,
        settings: &[&str],
    ) -> anyhow::Result<Self> {
        let server = Self::exec_feedline(program, telegram, settings)?;
        server.wait()?;
        Ok(server)
    }

    /// Like [`Self::feedline`], but does not wait.
    pub(crate) fn exec_feedline(
        program: &Path,
        telegram: &str,
        settings: &[&str],
    ) -> anyhow::Result<Self> {
        let address = free_address()?;
        let mut command = bound_to_us(program);
        command.args(["serve", "--listen", &address.to_string()]);
        let archive = TempDir::new_in(folder()?)?;
        for setting in [
            format!("archive.url=sqlite://{}", archive.path().join("feedline.db").display()),
            format!("upstream.url={telegram}"),
            "upstream.fallback=[]".to_owned(),
            format!("upstream.media_hosts=[\"{telegram}\"]"),
            "upstream.rate=100".to_owned(),
            "upstream.burst=1000".to_owned(),
            "upstream.concurrency=64".to_owned(),
            format!("upstream.canary={}", super::world::name(0)),
        ] {
            command.args(["--set", &setting]);
        }
        for setting in settings {
            command.args(["--set", setting]);
        }
        let log = File::options().create(true).append(true).open(folder()?.join("feedline.log"))?;
        command.env_clear().current_dir(folder()?).stdout(Stdio::null()).stderr(log);
        let process = command.spawn().with_context(|| format!("starting {}", program.display()))?;
        Ok(Self { process, address, archive: Some(archive) })
    }

    /// Starts nginx with these bodies and headers: uncompressed, and as compressed by feedline.
    pub(crate) fn nginx(answers: &[(&str, &Answer)]) -> anyhow::Result<Self> {
        let address = free_address()?;
        let folder = folder()?.join("nginx");
        create_dir_all(&folder)?;
        for (ending, answer) in answers {
            write(folder.join(format!("rss.xml{ending}")), &answer.body)?;
        }
        let plain = answers.first().context("nothing to serve")?.1;
        write(folder.join("nginx.conf"), nginx_settings(&folder, address, plain))?;
        let log = File::create(folder.join("log.txt"))?;
        let mut command = bound_to_us(Path::new("nginx"));
        command.arg("-p").arg(&folder).args(["-c", "nginx.conf"]).stdout(Stdio::null()).stderr(log);
        let process = command.spawn().context("starting nginx")?;
        let server = Self { process, address, archive: None };
        server.wait()?;
        Ok(server)
    }

    /// Stops feedline and returns the size of its archive in bytes.
    pub(crate) fn stop(mut self) -> anyhow::Result<u64> {
        let archive = self.archive.take().context("a server without an archive")?;
        drop(self);
        let mut bytes = 0;
        for entry in std::fs::read_dir(archive.path())? {
            bytes += entry?.metadata()?.len();
        }
        Ok(bytes)
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// CPU time: of feedline's process, or of nginx's workers.
    pub(crate) fn cpu(&self) -> anyhow::Result<std::time::Duration> {
        let id = self.id();
        let workers = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
        let mut all = machine::cpu_of(id)?;
        for worker in workers.split_whitespace() {
            all += machine::cpu_of(worker.parse()?)?;
        }
        Ok(all)
    }

    /// Whether it accepts connections.
    pub(crate) fn listens(&self) -> bool {
        TcpStream::connect(self.address).is_ok()
    }

    fn wait(&self) -> anyhow::Result<()> {
        wait_for("the server listens", || self.listens())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM first: nginx's workers end with their master only then.
        let id = self.id().to_string();
        let is_asked =
            Command::new("kill").args(["-TERM", &id]).status().is_ok_and(|code| code.success());
        let has_ended = || matches!(self.process.try_wait(), Ok(Some(_)));
        if !is_asked || wait_for("the server ends", has_ended).is_err() {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }
}

/// A command that the kernel signals when this process ends for any reason.
fn bound_to_us(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM", "--"]).arg(program);
    command
}

/// The folder for logs and files.
pub(crate) fn folder() -> anyhow::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    create_dir_all(&folder)?;
    Ok(folder)
}

fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Settings for nginx at its fastest: open files are cached, logging is off, connections are persistent. It sends the
/// same headers as feedline.
fn nginx_settings(folder: &Path, address: SocketAddr, like: &Answer) -> String {
    let own = ["content-type", "content-length", "etag", "last-modified", "date", "connection"];
    let headers: String = like
        .headers()
        .filter(|(name, _)| !own.contains(&name.to_ascii_lowercase().as_str()))
        .map(|(name, value)| format!("add_header {name} \"{}\";\n", value.replace('"', "\\\"")))
        .collect();
    let folder = folder.display();
    format!(
        "daemon off; worker_processes auto; pid {folder}/pid; error_log stderr; user root;\n\
         events {{ worker_connections 4096; multi_accept on; }}\n\
         http {{\n\
         access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; etag on; server_tokens off;\n\
         keepalive_requests 100000000; keepalive_timeout 60s;\n\
         open_file_cache max=100 inactive=600s; open_file_cache_valid 600s;\n\
         types {{ application/rss+xml xml; }} charset utf-8; charset_types application/rss+xml;\n\
         client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};\n\
         uwsgi_temp_path {folder}; scgi_temp_path {folder};\n\
         server {{ listen {address} backlog=4096 reuseport; root {folder}; gzip_static on;\n{headers}\
         location = /br {{ types {{}} default_type application/rss+xml; alias {folder}/rss.xml.br;\n\
         add_header content-encoding br;\n{headers}}} }} }}\n"
    )
}
