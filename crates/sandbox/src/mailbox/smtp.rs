//! An SMTP listener that speaks the protocol as relays do, takes everything and sends nothing on.

use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use super::Envelope;
use crate::clock::after;
use crate::faults::{Drawn, Form, Kind, name};
use crate::later::Effect;
use crate::server::Shared;
use crate::world::World;

/// The largest mail that is taken.
const SIZE_LIMIT: usize = 30 * 1024 * 1024;

/// The longest command line.
const LINE_LIMIT: u64 = 4 * 1024;

/// Serves until the sandbox stops.
pub(crate) async fn serve(shared: Arc<Shared>, listener: TcpListener) {
    loop {
        let accepted = tokio::select! {
            () = shared.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                // Answers are small and waited for.
                let _ = stream.set_nodelay(true);
                let shared = Arc::clone(&shared);
                let tasks = shared.tasks.clone();
                tasks.spawn(async move {
                    tokio::select! {
                        () = shared.stop.cancelled() => {}
                        ended = converse(&shared, stream, peer) => if let Err(error) = ended {
                            tracing::debug!(%error, "sandbox mail connection ended");
                        }
                    }
                });
            }
            Err(error) => tracing::warn!(%error, "sandbox could not accept a mail connection"),
        }
    }
}

/// One connection's two halves.
struct Line {
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
}

impl Line {
    async fn say(&mut self, text: &str) -> std::io::Result<()> {
        self.writer.write_all(text.as_bytes()).await?;
        self.writer.write_all(b"\r\n").await
    }

    /// A command without its line end; `None` when the other side has hung up.
    async fn hear(&mut self) -> std::io::Result<Option<String>> {
        let mut bytes = Vec::new();
        let read = (&mut self.reader).take(LINE_LIMIT).read_until(b'\n', &mut bytes).await?;
        if read == 0 {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&bytes);
        Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
    }

    /// A mail up to the lone dot, unstuffed; `None` if it is too large or broken off.
    async fn hear_mail(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut mail = Vec::new();
        let mut too_large = false;
        loop {
            let mut line = Vec::new();
            let read =
                (&mut self.reader).take(SIZE_LIMIT as u64).read_until(b'\n', &mut line).await?;
            if read == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            if line == b".\r\n" || line == b".\n" {
                return Ok((!too_large).then_some(mail));
            }
            let text = line.strip_prefix(b".").unwrap_or(&line);
            if mail.len() + text.len() > SIZE_LIMIT {
                too_large = true;
            } else {
                mail.extend_from_slice(text);
            }
        }
    }
}

async fn converse(shared: &Shared, stream: TcpStream, peer: SocketAddr) -> std::io::Result<()> {
    let (reader, writer) = stream.into_split();
    let mut line = Line { reader: BufReader::new(reader), writer };
    line.say("220 sandbox.example ESMTP Roomkey sandbox, not a real relay").await?;
    let mut greeted = false;
    let mut envelope: Option<Envelope> = None;
    while let Some(command) = line.hear().await? {
        let (verb, rest) = command.split_once(' ').unwrap_or((&command, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                greeted = true;
                envelope = None;
                line.say(&format!(
                    "250-sandbox.example greets {}\r\n250-SIZE {SIZE_LIMIT}\r\n250-8BITMIME\r\n\
                     250-PIPELINING\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 AUTH PLAIN LOGIN",
                    peer.ip()
                ))
                .await?;
            }
            "HELO" => {
                greeted = true;
                envelope = None;
                line.say("250 sandbox.example").await?;
            }
            "AUTH" => sign_in(&mut line, rest).await?,
            "MAIL" if !greeted => line.say("503 5.5.1 Say EHLO first").await?,
            "MAIL" if envelope.is_some() => line.say("503 5.5.1 One mail at a time").await?,
            "MAIL" => match address(rest, "FROM:") {
                None => line.say("501 5.5.4 MAIL FROM:<address>").await?,
                Some((_, parameters)) if announced_size(parameters) > SIZE_LIMIT => {
                    line.say("552 5.3.4 This is more than is taken here").await?;
                }
                Some((from, _)) => {
                    envelope = Some(Envelope { from: from.to_owned(), ..Envelope::default() });
                    line.say("250 2.1.0 Sender noted").await?;
                }
            },
            "RCPT" => match (&mut envelope, address(rest, "TO:")) {
                (None, _) => line.say("503 5.5.1 MAIL comes first").await?,
                (Some(_), None | Some(("", _))) => {
                    line.say("501 5.5.4 RCPT TO:<address>").await?;
                }
                (Some(envelope), Some((to, _))) => {
                    envelope.to.push(to.to_owned());
                    line.say("250 2.1.5 Recipient noted").await?;
                }
            },
            "DATA" => match envelope.take() {
                Some(complete) if !complete.to.is_empty() => {
                    if take_mail(shared, &mut line, complete).await?.is_cut() {
                        return Ok(());
                    }
                }
                incomplete => {
                    envelope = incomplete;
                    line.say("503 5.5.1 MAIL and RCPT come first").await?;
                }
            },
            "RSET" => {
                envelope = None;
                line.say("250 2.0.0 Forgotten").await?;
            }
            "NOOP" => line.say("250 2.0.0 Still here").await?,
            "VRFY" => line.say("252 2.1.5 Try and see").await?,
            "QUIT" => {
                line.say("221 2.0.0 Good bye").await?;
                return Ok(());
            }
            _ => line.say("500 5.5.2 This is not understood here").await?,
        }
    }
    Ok(())
}

/// Any name and any password will do.
async fn sign_in(line: &mut Line, rest: &str) -> std::io::Result<()> {
    let (mechanism, initial) = rest.split_once(' ').unwrap_or((rest, ""));
    let prompts: &[&str] = match mechanism.to_ascii_uppercase().as_str() {
        "PLAIN" if initial.is_empty() => &[""],
        "PLAIN" => &[],
        "LOGIN" if initial.is_empty() => &["Username:", "Password:"],
        "LOGIN" => &["Password:"],
        _ => return line.say("504 5.5.4 PLAIN or LOGIN").await,
    };
    for prompt in prompts {
        line.say(&format!("334 {}", STANDARD.encode(prompt))).await?;
        if line.hear().await?.is_none_or(|answer| answer == "*") {
            return line.say("501 5.7.0 Broken off").await;
        }
    }
    line.say("235 2.7.0 Welcome").await
}

/// `FROM:<ana@example.org> SIZE=100` gives the address and what follows.
fn address<'a>(rest: &'a str, keyword: &str) -> Option<(&'a str, &'a str)> {
    let head = rest.get(..keyword.len())?;
    if !head.eq_ignore_ascii_case(keyword) {
        return None;
    }
    let (inside, parameters) =
        rest[keyword.len()..].trim_start().strip_prefix('<')?.split_once('>')?;
    Some((inside, parameters))
}

fn announced_size(parameters: &str) -> usize {
    parameters
        .split_whitespace()
        .find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.eq_ignore_ascii_case("SIZE").then(|| value.parse().ok())?
        })
        .unwrap_or(0)
}

/// Whether the connection goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    GoesOn,
    Cut,
}

impl Ends {
    fn is_cut(self) -> bool {
        self == Self::Cut
    }
}

/// What is to become of a mail that has been heard.
enum Fate {
    Say(&'static str),
    SayAndClose(&'static str),
    Cut,
    HoldThenStore(Option<Timestamp>),
    HoldThenSay(Option<Timestamp>),
}

const TAKEN: &str = "250 2.0.0 In the mailbox";
const NOT_NOW: &str = "451 4.3.0 Not now, try again later";

async fn take_mail(
    shared: &Shared,
    line: &mut Line,
    mut envelope: Envelope,
) -> std::io::Result<Ends> {
    line.say("354 Go on, and end with a lone dot").await?;
    let Some(raw) = line.hear_mail().await? else {
        line.say("552 5.3.4 This is more than is taken here").await?;
        return Ok(Ends::GoesOn);
    };
    envelope.raw = raw;
    let (fate, hold) = {
        let mut world = shared.world();
        world.settle();
        (fate(&mut world, &envelope), shared.hold())
    };
    shared.changed();
    match fate {
        Fate::Say(words) => line.say(words).await?,
        Fate::SayAndClose(words) => {
            line.say(words).await?;
            return Ok(Ends::Cut);
        }
        Fate::Cut => return Ok(Ends::Cut),
        Fate::HoldThenStore(until) => {
            // A client that gives up while it waits has sent nothing.
            tokio::select! {
                () = shared.wait(hold, until) => {}
                _ = line.reader.fill_buf() => return Ok(Ends::Cut),
            }
            shared.world().receive(envelope);
            line.say(TAKEN).await?;
        }
        Fate::HoldThenSay(until) => {
            shared.wait(hold, until).await;
            line.say(TAKEN).await?;
        }
    }
    Ok(Ends::GoesOn)
}

fn fate(world: &mut World, envelope: &Envelope) -> Fate {
    let recipients = envelope.to.join(",");
    let drawn = world.faults.draw("SMTP", &recipients, &mut world.chance, |_| true);
    let now = world.clock.now();
    let fault = drawn.as_ref().map(|drawn| name(drawn.kind));
    let (fate, status) = match &drawn {
        None => {
            world.receive(envelope.clone());
            (Fate::Say(TAKEN), Some(250))
        }
        Some(drawn) => struck(world, envelope, drawn, now),
    };
    world.calls.mail(now, &recipients, status, fault);
    fate
}

/// What happens to the mail, and the status that is answered.
fn struck(
    world: &mut World,
    envelope: &Envelope,
    drawn: &Drawn,
    now: Timestamp,
) -> (Fate, Option<u16>) {
    match drawn.kind {
        Kind::ServerError if drawn.form == Some(Form::Permanent) => {
            (Fate::Say("550 5.1.1 There is nobody of that name here"), Some(550))
        }
        Kind::ServerError | Kind::Unauthorized | Kind::InvalidGrant => {
            (Fate::Say(NOT_NOW), Some(451))
        }
        Kind::Throttled | Kind::Quota => {
            (Fate::Say("452 4.5.3 Too many mails, try again later"), Some(452))
        }
        Kind::Outage if drawn.form == Some(Form::Refused) => (Fate::Cut, None),
        Kind::Outage => (Fate::SayAndClose("421 4.3.2 The relay is being shut down"), Some(421)),
        Kind::ResetBefore => (Fate::Cut, None),
        Kind::ResetAfter | Kind::FailAfterEffect => {
            world.receive(envelope.clone());
            (Fate::Cut, None)
        }
        Kind::LateEffect => {
            let due = after(now, drawn.delay_or_default());
            world.later.put_off(due, Effect::Mail(envelope.clone()));
            (Fate::Say(NOT_NOW), Some(451))
        }
        Kind::Hang | Kind::Slow => {
            let until = if drawn.kind == Kind::Hang {
                drawn.delay.map(|delay| after(now, delay))
            } else {
                Some(after(now, drawn.delay_or_default()))
            };
            if drawn.effect_comes_first() {
                world.receive(envelope.clone());
                (Fate::HoldThenSay(until), Some(250))
            } else {
                (Fate::HoldThenStore(until), None)
            }
        }
        Kind::ListLag => {
            world.receive(envelope.clone());
            (Fate::Say(TAKEN), Some(250))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(address("FROM:<a@b.example> SIZE=9", "FROM:"), Some(("a@b.example", " SIZE=9")));
        assert_eq!(address("from: <>", "FROM:"), Some(("", "")));
        assert_eq!(address("FROM:a@b.example", "FROM:"), None);
        assert_eq!(address("TO:<a@b.example>", "FROM:"), None);
        assert_eq!(announced_size(" SIZE=12 BODY=8BITMIME"), 12);
        assert_eq!(announced_size(""), 0);
    }
}
