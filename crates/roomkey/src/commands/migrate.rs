//! `roomkey migrate`: the database's schema.

use secrecy::ExposeSecret as _;

use crate::arguments::Global;
use crate::configuration::Need;
use crate::failure::Failure;
use crate::out;

pub(super) async fn run(global: &Global) -> Result<(), Failure> {
    let configuration = super::configuration(&super::sources(global), Need::Database)?;
    let steps = roomkey_store::migrate(configuration.database_url.expose_secret()).await?;
    match steps {
        0 => out::talk("The database's schema is up to date."),
        1 => out::talk("The database's schema was one step behind and is up to date now."),
        steps => out::talk(format_args!(
            "The database's schema was {steps} steps behind and is up to date now."
        )),
    }
    Ok(())
}
