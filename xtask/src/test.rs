//! `cargo xtask test`: everything that stands between a change and the main branch.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};
use std::{env, process};

use rustix::process::{Pid, Signal, kill_process};

use crate::cargo::{cargo, has_nextest};
use crate::failure::{Failure, Result};
use crate::fire::{self, Database, Fire};
use crate::postgres::{self, Fsync, Server};
use crate::processes::{self, Marked};
use crate::report::{Outcome, Report};
use crate::{arrows, chromium, examples, hygiene, program, repository, requirements, specs};

/// Carried by every process of a run, to be known by afterwards.
const MARK: &str = "ROOMKEY_TEST_RUN";
const POSTGRES: &str = "ROOMKEY_TEST_POSTGRES_URL";
const CHROMIUM: &str = "ROOMKEY_TEST_CHROMIUM";
const CHROMEDRIVER: &str = "ROOMKEY_TEST_CHROMEDRIVER";
/// How long a killed browser's children may take to notice.
const GRACE: Duration = Duration::from_secs(3);

struct Step {
    name: &'static str,
    /// Whether `--fast` leaves it in.
    fast: bool,
    run: fn(&mut Run) -> Result,
}

/// In this order; what needs no building comes first. A failure ends the list, but for the last.
const STEPS: [Step; 8] = [
    Step { name: "arrows", fast: true, run: |run| arrows::check(&run.root) },
    Step { name: "fmt", fast: true, run: |run| run.cargo(&["fmt", "--all", "--check"]) },
    Step { name: "hygiene", fast: true, run: |run| hygiene::check(&run.root) },
    Step { name: "clippy", fast: false, run: Run::clippy },
    Step { name: "services", fast: true, run: Run::services },
    Step { name: "examples", fast: false, run: Run::examples },
    Step { name: "tests", fast: true, run: Run::tests },
    Step { name: "fire", fast: false, run: Run::fire },
];
/// Always runs.
const LAST: Step = Step { name: "cleanliness", fast: true, run: Run::cleanliness };

/// Runs all steps, or those that one wants between two edits.
pub(crate) fn test(fast: bool) -> Result {
    let in_ci = env::var_os("CI").is_some_and(|value| value == "true");
    if fast && in_ci {
        return Err(Failure::new("--fast is for between two edits: with CI=true everything runs"));
    }
    let variable = env::var_os(specs::VARIABLE).filter(|value| !value.is_empty());
    let specs = specs::folder(variable.as_deref().map(Path::new), in_ci)?;
    let mut run =
        Run { root: repository::root()?, fast, specs, mark: mark(), server: None, chromium: None };
    let mut report = Report::default();
    for step in &STEPS {
        run.take(step, &mut report);
    }
    run.take(&LAST, &mut report);
    println!("\n{}", report.table());
    if run.specs.is_none() {
        println!("{}", specs::NOT_CHECKED);
    }
    match report.first_failure() {
        None => Ok(()),
        Some(step) => Err(Failure::new(format!("the step `{step}` failed"))),
    }
}

struct Run {
    root: PathBuf,
    fast: bool,
    specs: Option<PathBuf>,
    mark: String,
    server: Option<Server>,
    chromium: Option<PathBuf>,
}

impl Run {
    fn take(&mut self, step: &Step, report: &mut Report) {
        let always = step.name == LAST.name;
        if report.first_failure().is_some() && !always {
            report.add(step.name, Outcome::NotReached, Duration::ZERO);
            return;
        }
        if self.fast && !step.fast {
            report.add(step.name, Outcome::Skipped, Duration::ZERO);
            return;
        }
        println!("\n== {}", step.name);
        let begun = Instant::now();
        let outcome = match (step.run)(self) {
            Ok(()) => Outcome::Passed,
            Err(failure) => {
                println!("{}", failure.chain());
                Outcome::Failed
            }
        };
        let took = begun.elapsed();
        println!("== {}: {:.1} s", step.name, took.as_secs_f64());
        report.add(step.name, outcome, took);
    }

    fn cargo(&self, words: &[&str]) -> Result {
        program::step(&mut cargo(&self.root, words))
    }

    fn clippy(&mut self) -> Result {
        self.cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "--deny",
            "warnings",
        ])
    }

    fn services(&mut self) -> Result {
        for home in postgres::sweep() {
            println!("removed what a killed run had left behind: {}", home.display());
        }
        requirements::ensure()?;
        let fsync = if self.fast { Fsync::Off } else { Fsync::On };
        let server = Server::start(fsync, &[(MARK, &self.mark)])?;
        println!("PostgreSQL: {}", server.url());
        self.server = Some(server);
        self.chromium = chromium::find();
        if let Some(chromium) = &self.chromium {
            println!("Chromium: {}", chromium.display());
        }
        Ok(())
    }

    fn tests(&mut self) -> Result {
        if self.specs.is_none() {
            println!("{}", specs::NOT_CHECKED);
        }
        let mut command = if has_nextest() {
            let config = self.root.join("xtask/nextest.toml");
            let config = format!("xtask:{}", config.display());
            let words = ["nextest", "run", "--workspace", "--locked", "--no-fail-fast"];
            let mut command = cargo(&self.root, &words);
            command.arg("--tool-config-file").arg(config);
            command
        } else {
            println!("cargo-nextest is not installed: the same tests, with `cargo test`");
            let words = ["test", "--workspace", "--locked", "--no-fail-fast", "--tests"];
            cargo(&self.root, &words)
        };
        let outcome = program::step(self.furnish(&mut command));
        if outcome.is_err() {
            self.show_database_errors();
        }
        outcome
    }

    fn examples(&mut self) -> Result {
        let files = repository::files(&self.root)?;
        let texts = repository::texts(&self.root, &files);
        if examples::files(&texts).is_empty() {
            println!("no doc comment holds an example");
            return Ok(());
        }
        let mut command = cargo(&self.root, &["test", "--doc", "--workspace", "--locked"]);
        program::step(self.furnish(&mut command))
    }

    /// A small fire on both databases, which must end alike.
    fn fire(&mut self) -> Result {
        let binary = fire::Binary::build(fire::Build::Development)?.marked(MARK, &self.mark);
        let burn = |database| fire::burn(&binary, &Fire::small(database)).map(|it| it.table);
        let (sqlite, postgres) = (burn(Database::Sqlite)?, burn(Database::Postgres)?);
        match sqlite.difference(&postgres) {
            None => Ok(()),
            Some(words) => Err(Failure::new(format!("the databases ended otherwise: {words}"))),
        }
    }

    /// Gives a command what tests may use.
    fn furnish<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env(MARK, &self.mark);
        if let Some(server) = &self.server {
            command.env(POSTGRES, server.url());
        }
        if let Some(chromium) = &self.chromium {
            command.env(CHROMIUM, chromium);
        }
        if let Some(driver) = program::find("chromedriver") {
            command.env(CHROMEDRIVER, driver);
        }
        match &self.specs {
            Some(specs) => command.env(specs::VARIABLE, specs),
            None => command.env_remove(specs::VARIABLE),
        }
    }

    /// Errors are often what a test wanted; but panics and lost connections are not.
    fn show_database_errors(&self) {
        let Some(server) = &self.server else { return };
        let log = server.log_text();
        let grave = ["PANIC:", "FATAL:", "terminated by signal", "crash"];
        let lines: Vec<&str> =
            log.lines().filter(|line| grave.iter().any(|word| line.contains(word))).collect();
        if !lines.is_empty() {
            let last = lines.len().saturating_sub(20);
            println!("from PostgreSQL's log:\n{}", lines[last..].join("\n"));
        }
    }

    /// Nothing that this run started is left: neither its database nor anything that carries its
    /// mark.
    fn cleanliness(&mut self) -> Result {
        let stopped = self.server.take().map_or(Ok(()), Server::stop);
        let deadline = Instant::now() + GRACE;
        let mut left = processes::marked(MARK, &self.mark);
        while !left.is_empty() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(100));
            left = processes::marked(MARK, &self.mark);
        }
        if left.is_empty() {
            return stopped;
        }
        let names: Vec<String> = left
            .iter()
            .map(|Marked { pid, command }| {
                end_ours(*pid);
                format!("{pid} {command}")
            })
            .collect();
        Err(Failure::new(format!(
            "tests left processes behind, which are killed now:\n  {}",
            names.join("\n  ")
        )))
    }
}

/// Kills a process that carries our mark.
fn end_ours(pid: u32) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _gone = kill_process(pid, Signal::KILL);
    }
}

/// No other run has this: number and start of this process.
fn mark() -> String {
    let pid = process::id();
    format!("{pid}-{}", processes::started(pid).unwrap_or_default())
}
