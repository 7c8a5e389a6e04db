//! `letopis`: the command line. See `letopis help`.

use std::io::ErrorKind;
use std::process::ExitCode;

use clap::Parser as _;
use letopis::cli::{Cli, Command};
use letopis::cmd;
use letopis::failure::Failure;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read our output has seen enough.
        Err(Failure::Io { source, .. }) if source.kind() == ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("letopis: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Demo(args) => cmd::demo::run(args),
        Command::Init(args) => cmd::init::run(args),
        Command::Key(command) => wait(cmd::key::run(command)),
        Command::Actor(command) => wait(cmd::actor::run(command)),
        Command::Policy(command) => wait(cmd::policy::run(command)),
        Command::Profile(command) => wait(cmd::profile::run(command)),
        Command::Verify(args) => cmd::verify::run(args),
        Command::Audit(command) => cmd::audit::run(command),
        Command::Status(args) => wait(cmd::status::run(args)),
        Command::Log(args) => wait(cmd::status::run_log(args)),
        Command::Case(command) => wait(cmd::case::run(command)),
        Command::Clocks(args) => wait(cmd::due::clocks(args)),
        Command::Duties(args) => wait(cmd::due::duties(args)),
        Command::Decisions(args) => wait(cmd::decisions::run(args)),
        Command::Register(args) => wait(cmd::register::run(args)),
        Command::Indicators(args) => wait(cmd::indicators::run(args)),
        Command::File(command) => wait(cmd::file::run(command)),
        Command::Sign(args) => wait(cmd::sign::run(args)),
        Command::Act(command) => wait(cmd::act::run(command)),
        Command::Vault(command) => cmd::vault::run(command),
        Command::Record(command) => cmd::vault::run_record(command),
        Command::Receipt(command) => wait(cmd::receipt::run(command)),
        Command::Import(command) => wait(cmd::import::run(command)),
        Command::Export(command) => wait(cmd::export::run(command)),
        Command::Bench(args) => cmd::bench::run(args),
        Command::Serve(config) => letopisd::run::run(config).map_err(Failure::other),
    }
}

fn wait(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::other)?;
    runtime.block_on(work)
}
