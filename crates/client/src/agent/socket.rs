//! An agent's socket.

use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rustix::process::geteuid;

use super::protocol::{Answer, MAGIC, REQUEST_BYTES_MAX, is_own, read_frame, write_frame};
use super::{AgentError, KeyAgent};

/// Connections that are served at once; whoever comes beyond them is sent away.
const CONNECTIONS_MAX: usize = 16;

/// How long a request may take to arrive, and an answer to be taken.
const PATIENCE: Duration = Duration::from_secs(10);

/// An agent's socket, bound. Removed when it is dropped.
#[derive(Debug)]
pub struct AgentSocket {
    listener: UnixListener,
    path: PathBuf,
    agent: Arc<KeyAgent>,
    is_over: Arc<AtomicBool>,
}

/// Ends the serving of a socket, from wherever.
#[derive(Debug, Clone)]
pub struct Stopper {
    path: PathBuf,
    is_over: Arc<AtomicBool>,
}

impl Stopper {
    /// Has [`AgentSocket::serve`] return. Those who are being served still get their answer.
    pub fn stop(&self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Whoever waits for a connection wakes up.
        let _ = UnixStream::connect(&self.path);
    }
}

impl AgentSocket {
    /// Binds the socket, with mode 0600, in a directory that is made with mode 0700 if it is not
    /// there. What an agent left behind that is gone is removed.
    ///
    /// # Errors
    /// [`AgentError`].
    pub fn bind(path: &Path, agent: KeyAgent) -> Result<Self, AgentError> {
        let io = |source| AgentError::Io { path: path.to_owned(), source };
        check_directory(path)?;
        if path.exists() {
            if UnixStream::connect(path).is_ok() {
                return Err(AgentError::Running { path: path.to_owned() });
            }
            fs::remove_file(path).map_err(io)?;
        }
        let listener = UnixListener::bind(path).map_err(io)?;
        // Until here the directory alone kept others out.
        fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(io)?;
        let (path, agent, is_over) = (path.to_owned(), Arc::new(agent), Arc::default());
        Ok(Self { listener, path, agent, is_over })
    }

    /// What ends the serving.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        Stopper { path: self.path.clone(), is_over: Arc::clone(&self.is_over) }
    }

    /// Serves until it is stopped, each connection in a thread of its own; the keys are locked
    /// then.
    pub fn serve(&self) {
        let serving = Arc::new(AtomicUsize::new(0));
        while !self.is_over.load(Ordering::SeqCst) {
            let Ok((stream, _)) = self.listener.accept() else {
                // Too many files are open, say.
                thread::sleep(Duration::from_millis(100));
                continue;
            };
            let place = Place::take(&serving);
            let (Some(place), true) = (place, is_own(&stream)) else { continue };
            let agent = Arc::clone(&self.agent);
            let started = thread::Builder::new().name("key agent".to_owned()).spawn(move || {
                // Whoever does not speak the protocol, or not in time, gets no answer.
                let _ = serve_one(stream, place, &agent);
            });
            if started.is_err() {
                thread::sleep(Duration::from_millis(100));
            }
        }
        self.agent.lock();
    }
}

impl Drop for AgentSocket {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// One of the connections that are served at once.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(serving: &Arc<AtomicUsize>) -> Option<Self> {
        let place = Self(Arc::clone(serving));
        (serving.fetch_add(1, Ordering::SeqCst) < CONNECTIONS_MAX).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Whoever has its answer, or was sent away, holds no place any more, and may ask again at once: so
/// the place is given back before the other side can know. That an answer is written without one
/// holds nothing up: the longest fits into a socket's buffer.
fn serve_one(mut stream: UnixStream, place: Place, agent: &KeyAgent) -> io::Result<()> {
    let answer = answer(&mut stream, agent);
    drop(place);
    write_frame(&mut stream, &answer?.to_bytes())
}

fn answer(stream: &mut UnixStream, agent: &KeyAgent) -> io::Result<Answer> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut magic = [0; MAGIC.len()];
    stream.read_exact(&mut magic)?;
    if magic != *MAGIC {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(agent.answer(&read_frame(stream, REQUEST_BYTES_MAX)?))
}

/// The socket's directory is this user's, and nobody else's; it is made if it is not there.
fn check_directory(path: &Path) -> Result<(), AgentError> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    let io = |source| AgentError::Io { path: directory.to_owned(), source };
    match DirBuilder::new().mode(0o700).create(directory) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(io(error)),
        _ => {}
    }
    let metadata = fs::metadata(directory).map_err(io)?;
    let is_own = metadata.is_dir()
        && metadata.uid() == geteuid().as_raw()
        && metadata.permissions().mode() & 0o777 == 0o700;
    if is_own { Ok(()) } else { Err(AgentError::Directory { path: directory.to_owned() }) }
}
