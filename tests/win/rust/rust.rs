//! A Rust program that checks itself: what the standard library makes of Windows, and panics, which unwind by its
//! exceptions.
use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::panic;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{mpsc, Arc, Barrier, Condvar, Mutex, Once, RwLock};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

static PASSED: AtomicUsize = AtomicUsize::new(0);
static FAILED: AtomicUsize = AtomicUsize::new(0);

macro_rules! check {
    ($condition:expr) => { check!($condition, "") };
    ($condition:expr, $($what:tt)*) => {
        if $condition {
            PASSED.fetch_add(1, SeqCst);
        } else {
            FAILED.fetch_add(1, SeqCst);
            println!("rust.rs:{} {}: {}", line!(), stringify!($condition), format!($($what)*));
        }
    };
}

fn threads_and_channels() {
    let (sender, receiver) = mpsc::channel();
    let threads: Vec<_> = (0..16)
        .map(|i| {
            let sender = sender.clone();
            thread::spawn(move || {
                for n in 0..500 {
                    sender.send(i * n).unwrap();
                }
                i
            })
        })
        .collect();
    drop(sender);
    let sum: usize = receiver.iter().sum();
    check!(sum == 120 * 124750, "{sum}");
    let ids: usize = threads.into_iter().map(|t| t.join().unwrap()).sum();
    check!(ids == 120);
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::spawn(move || (0..1000).for_each(|n| sender.send(n).unwrap()));
    check!(receiver.iter().eq(0..1000));
    check!(mpsc::channel::<()>()
        .1
        .recv_timeout(Duration::from_millis(1))
        .is_err());
    check!(thread::available_parallelism().unwrap().get() >= 1);
}

fn parking() {
    let flag = Arc::new(AtomicBool::new(false));
    let parked = {
        let flag = flag.clone();
        thread::Builder::new()
            .name("parker".into())
            .spawn(move || {
                while !flag.load(SeqCst) {
                    thread::park();
                }
                thread::current().name().map(str::to_owned)
            })
            .unwrap()
    };
    flag.store(true, SeqCst);
    parked.thread().unpark();
    check!(parked.join().unwrap().as_deref() == Some("parker"));
    let start = Instant::now();
    thread::park_timeout(Duration::from_millis(20));
    check!(start.elapsed() < Duration::from_secs(20));
}

fn locks() {
    let shared = Arc::new((Mutex::new(0), Condvar::new()));
    let rw = Arc::new(RwLock::new(HashMap::new()));
    let barrier = Arc::new(Barrier::new(5));
    thread::scope(|scope| {
        for i in 0..4 {
            let (shared, rw, barrier) = (&shared, &rw, &barrier);
            scope.spawn(move || {
                barrier.wait();
                for n in 0..1000 {
                    *shared.0.lock().unwrap() += 1;
                    if n % 100 == 0 {
                        rw.write().unwrap().insert((i, n), n);
                    } else {
                        check_quiet(rw.read().unwrap().len() <= 40);
                    }
                }
                shared.1.notify_all();
            });
        }
        barrier.wait();
        let mut count = shared.0.lock().unwrap();
        while *count < 4000 {
            count = shared.1.wait(count).unwrap();
        }
    });
    check!(rw.read().unwrap().len() == 40);
    let guard = shared.0.lock().unwrap();
    let (_guard, result) = shared
        .1
        .wait_timeout(guard, Duration::from_millis(5))
        .unwrap();
    check!(result.timed_out());
    static ONCE: Once = Once::new();
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                ONCE.call_once(|| {
                    RUNS.fetch_add(1, SeqCst);
                })
            });
        }
    });
    check!(RUNS.load(SeqCst) == 1);
}

fn check_quiet(ok: bool) {
    if !ok {
        FAILED.fetch_add(1, SeqCst);
    }
}

struct Noted(Arc<Mutex<Vec<usize>>>, usize);
impl Drop for Noted {
    fn drop(&mut self) {
        self.0.lock().unwrap().push(self.1);
    }
}

fn descend(drops: &Arc<Mutex<Vec<usize>>>, depth: usize) -> usize {
    let _noted = Noted(drops.clone(), depth);
    if depth == 200 {
        panic!("at the bottom");
    }
    descend(drops, depth + 1) + 1
}

fn panics() {
    panic::set_hook(Box::new(|_| {}));
    let drops = Arc::new(Mutex::new(Vec::new()));
    let result = panic::catch_unwind(|| descend(&drops, 0));
    check!(result.unwrap_err().downcast_ref::<&str>() == Some(&"at the bottom"));
    check!(drops.lock().unwrap().iter().copied().eq((0..=200).rev()));
    let joined = thread::spawn(|| -> i32 { panic!("number {}", 7) }).join();
    check!(
        joined
            .unwrap_err()
            .downcast_ref::<String>()
            .map(String::as_str)
            == Some("number 7")
    );
    let mutex = Arc::new(Mutex::new(1));
    let poisoner = mutex.clone();
    let _ = thread::spawn(move || {
        let _guard = poisoner.lock().unwrap();
        panic!();
    })
    .join();
    check!(mutex.is_poisoned() && *mutex.lock().unwrap_err().into_inner() == 1);
    for i in 0..200 {
        let caught = panic::catch_unwind(move || {
            let v: Vec<i32> = vec![1];
            v[i + 1]
        });
        check_quiet(caught.is_err());
    }
    let caught = panic::catch_unwind(|| {
        panic::catch_unwind(|| panic!("inner")).unwrap_err();
        panic::resume_unwind(Box::new(5u8));
    });
    check!(caught.unwrap_err().downcast_ref::<u8>() == Some(&5));
    let _ = panic::take_hook();
    check!("x".parse::<i32>().is_err());
    check!(panic::catch_unwind(|| 1).is_ok());
}

thread_local! {
    static LOCAL: RefCell<Vec<Noted>> = RefCell::new(Vec::new());
}

fn locals() {
    let drops = Arc::new(Mutex::new(Vec::new()));
    for i in 0..3 {
        let drops = drops.clone();
        thread::spawn(move || LOCAL.with(|l| l.borrow_mut().push(Noted(drops, i))))
            .join()
            .unwrap();
    }
    check!(
        *drops.lock().unwrap() == [0, 1, 2],
        "{:?}",
        drops.lock().unwrap()
    );
}

fn time() {
    let start = Instant::now();
    thread::sleep(Duration::from_millis(20));
    check!(
        start.elapsed() >= Duration::from_millis(20),
        "{:?}",
        start.elapsed()
    );
    check!(
        SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_secs()
            > 1_500_000_000
    );
    check!(Instant::now() >= start);
}

extern "system" {
    fn GetModuleHandleA(name: *const u8) -> *const u8;
    fn GetProcAddress(module: *const u8, name: *const u8) -> *const u8;
}

fn on_wine() -> bool {
    unsafe {
        let ntdll = GetModuleHandleA(b"ntdll.dll\0".as_ptr());
        !GetProcAddress(ntdll, b"wine_get_version\0".as_ptr()).is_null()
    }
}

fn files() -> io::Result<()> {
    let directory = std::env::temp_dir().join(format!("rust test {}", std::process::id()));
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(directory.join("a").join("b"))?;
    let name = directory.join("ü.txt");
    fs::write(&name, "line 1\r\nline 2\n")?;
    check!(fs::read_to_string(&name)?.lines().eq(["line 1", "line 2"]));
    let mut file = fs::OpenOptions::new().read(true).append(true).open(&name)?;
    file.write_all(b"tail")?;
    file.seek(SeekFrom::Start(8))?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    check!(text == "line 2\ntail", "{text:?}");
    drop(file);
    let file = fs::OpenOptions::new().write(true).open(&name)?;
    file.set_len(3)?;
    check!(file.metadata()?.len() == 3);
    file.sync_all()?;
    drop(file);
    fs::copy(&name, directory.join("copy"))?;
    fs::hard_link(&name, directory.join("hard"))?;
    fs::rename(directory.join("copy"), directory.join("a").join("moved"))?;
    let mut names: Vec<_> = fs::read_dir(&directory)?
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    check!(names == ["a", "hard", "ü.txt"], "{names:?}");
    let mut permissions = fs::metadata(&name)?.permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&name, permissions.clone())?;
    check!(fs::metadata(&name)?.permissions().readonly());
    permissions.set_readonly(false);
    fs::set_permissions(&name, permissions)?;
    check!(fs::canonicalize(&name)?
        .to_str()
        .unwrap()
        .starts_with(r"\\?\"));
    check!(fs::metadata(directory.join("none")).unwrap_err().kind() == io::ErrorKind::NotFound);
    check!(fs::create_dir(&directory).unwrap_err().kind() == io::ErrorKind::AlreadyExists);
    // Wine 8 creates no symbolic links.
    if !on_wine() {
        std::os::windows::fs::symlink_file(&name, directory.join("link"))?;
        check!(fs::read_link(directory.join("link"))? == name);
        check!(fs::symlink_metadata(directory.join("link"))?
            .file_type()
            .is_symlink());
    }
    fs::remove_dir_all(&directory)?;
    check!(!Path::new(&directory).exists());
    Ok(())
}

fn environment() {
    std::env::set_var("RUST_TEST_Ä", "ö");
    check!(std::env::var("rust_test_ä").as_deref() == Ok("ö"));
    check!(std::env::vars_os().any(|(k, _)| k == "RUST_TEST_Ä"));
    std::env::remove_var("RUST_TEST_Ä");
    check!(std::env::var_os("RUST_TEST_Ä").is_none());
    check!(std::env::current_exe().unwrap().is_absolute());
    check!(std::env::current_dir().unwrap().is_absolute());
    #[allow(deprecated)]
    let home: Option<PathBuf> = std::env::home_dir();
    check!(home.is_some());
    let paths = std::env::join_paths(["C:\\a", "C:\\b c"]).unwrap();
    check!(std::env::split_paths(&paths).count() == 2);
    check!(HashMap::from([(1, 2)]).len() == 1);
}

/// Runs this program, or another beside it.
fn run(program: &Path, arguments: &[&str]) -> io::Result<(Option<i32>, String, String)> {
    let output = Command::new(program)
        .args(arguments)
        .env("RUST_CHILD", "1")
        .env("RUST_BACKTRACE", "1")
        .output()?;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ok((
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    ))
}

/// The library reads and writes its ends of the pipes by overlapped operations, of which some take long.
fn talks_to(command: &mut Command) -> io::Result<()> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().unwrap();
    let mut output = child.stdout.take().unwrap();
    let mut reply = [0; 6];
    input.write_all(b"hello\n")?;
    output.read_exact(&mut reply)?;
    check!(&reply == b"hello\n", "{reply:?}");
    let text: Vec<u8> = (0..3_000_000).map(|n| (n % 251) as u8).collect();
    let expected = text.clone();
    let writer = thread::spawn(move || input.write_all(&text));
    let mut all = Vec::new();
    output.read_to_end(&mut all)?;
    check!(writer.join().unwrap().is_ok());
    check!(all == expected, "{} bytes", all.len());
    check!(child.wait()?.success());
    Ok(())
}

fn piped_children() -> io::Result<()> {
    talks_to(Command::new(std::env::current_exe()?).arg("copy"))?;
    // A program of Linux's has such a pipe as well.
    if !on_wine() {
        talks_to(&mut Command::new("Z:\\bin\\cat"))?;
    }
    // Both outputs are read at the same time, however much there is.
    let (code, out, err) = run(&std::env::current_exe()?, &["flood"])?;
    check!(code == Some(0) && out.len() == 300_000 && err.len() == 300_000);
    Ok(())
}

fn children() -> io::Result<()> {
    let own = std::env::current_exe()?;
    check!(run(&own, &["exit", "7"])?.0 == Some(7));
    let (code, out, err) = run(&own, &["echo", "a b", "\"q\\", ""])?;
    check!(
        code == Some(0) && out == "[\"a b\", \"\\\"q\\\\\", \"\"] 1\n",
        "{code:?} {out:?}"
    );
    check!(err == "to stderr", "{err:?}");
    let (code, _, err) = run(&own, &["panic"])?;
    check!(
        code == Some(101) && err.contains("asked to") && err.contains("stack backtrace"),
        "{code:?} {err}"
    );
    let (code, _, err) = run(&own, &["abort"])?;
    check!(
        code != Some(0) && code != Some(101) && err.contains("in drop"),
        "{code:?} {err}"
    );
    // Wine 8 loses the exit code.
    if !on_wine() {
        let (code, _, err) = run(&own, &["overflow"])?;
        check!(
            code != Some(0) && err.contains("overflowed its stack"),
            "{code:?} {err}"
        );
    }
    let mut child = Command::new(&own)
        .arg("sleep")
        .stdout(Stdio::null())
        .spawn()?;
    check!(child.try_wait()?.is_none());
    child.kill()?;
    check!(!child.wait()?.success());
    check!(Command::new("no such program").spawn().unwrap_err().kind() == io::ErrorKind::NotFound);
    Ok(())
}

/// The compiler's test harness runs its tests in threads, and captures what they print.
fn harness() -> io::Result<()> {
    let (code, out, _) = run(&std::env::current_exe()?.with_file_name("harness.exe"), &[])?;
    check!(code == Some(101), "{code:?}");
    check!(
        out.contains("test fails ... FAILED") && out.contains("shown"),
        "{out}"
    );
    check!(!out.contains("hidden"), "{out}");
    check!(out.contains("24 passed; 1 failed; 1 ignored"), "{out}");
    let (code, out, _) = run(
        &std::env::current_exe()?.with_file_name("harness.exe"),
        &["passes"],
    )?;
    check!(
        code == Some(0) && out.contains("test result: ok"),
        "{code:?} {out}"
    );
    Ok(())
}

struct PanicsInDrop;
impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        panic!("in drop");
    }
}

fn recurse(n: u64) -> u64 {
    let block = [n; 100];
    if n == 0 {
        0
    } else {
        recurse(n + 1) + block[50]
    }
}

fn be_child(arguments: &[String]) {
    match arguments[0].as_str() {
        "exit" => std::process::exit(arguments[1].parse().unwrap()),
        "echo" => {
            println!(
                "{:?} {}",
                &arguments[1..],
                std::env::var("RUST_CHILD").unwrap_or_default()
            );
            eprint!("to stderr");
        }
        "copy" => {
            io::copy(&mut io::stdin(), &mut io::stdout()).unwrap();
        }
        "flood" => (0..300).for_each(|_| {
            io::stdout().write_all(&[b'o'; 1000]).unwrap();
            io::stderr().write_all(&[b'e'; 1000]).unwrap();
        }),
        "sleep" => thread::sleep(Duration::from_secs(60)),
        "panic" => panic!("asked to"),
        "abort" => {
            let _guard = PanicsInDrop;
            panic!("first");
        }
        "overflow" => println!("{}", recurse(1)),
        _ => unreachable!(),
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.is_empty() {
        return be_child(&arguments);
    }
    threads_and_channels();
    parking();
    locks();
    panics();
    locals();
    time();
    files().unwrap();
    environment();
    children().unwrap();
    piped_children().unwrap();
    // Wine 8 crashes in it.
    if !on_wine() {
        harness().unwrap();
    }
    let (passed, failed) = (PASSED.load(SeqCst), FAILED.load(SeqCst));
    println!("rust: {passed} passed, {failed} failed");
    std::process::exit((failed > 0) as i32);
}
