//! The one SMTP relay that mails go through, and an honest word on what became of each.
