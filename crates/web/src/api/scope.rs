//! What an API key may do.

macro_rules! scopes {
    ($($name:ident = $code:literal, $docs:literal;)*) => {
        /// One thing that an API key may do. `*` is all of them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Scope {
            $(#[doc = $docs] $name,)*
        }

        impl Scope {
            /// Every scope with its meaning, for the documentation.
            pub(crate) const ALL: &[(&str, &str)] = &[$(($code, $docs),)*];

            /// As an API key has it.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

scopes! {
    TenantRead = "tenant:read", "Read the tenant's particulars.";
    TenantWrite = "tenant:write", "Change the tenant's particulars.";
    HostsRead = "hosts:read", "Read hosts.";
    HostsWrite = "hosts:write", "Make, change and remove hosts.";
    ServicesRead = "services:read", "Read services.";
    ServicesWrite = "services:write", "Make, change and remove services.";
    BookingsRead = "bookings:read", "Read bookings with their guests, meetings, events and messages.";
    BookingsWrite = "bookings:write", "Make and change bookings.";
    AppsRead = "apps:read", "Read apps, never their secrets.";
    AppsWrite = "apps:write", "Make, change and remove apps.";
    AttendanceRead = "attendance:read", "Read who was at a session, and for how long.";
    RecordingsRead = "recordings:read", "Read where recordings and transcripts are seen, and the texts of transcripts.";
    RecordingsWrite = "recordings:write", "Have the texts of transcripts forgotten.";
    ConnectionsRead = "connections:read", "Read connections, never their secrets.";
    ConnectionsWrite = "connections:write", "Make, change and remove connections.";
    EventsRead = "events:read", "Read the tenant's feed of events.";
    StatusRead = "status:read", "Read how everything is.";
    PortalSessions = "portal_sessions:write", "Make one-time sign-in links for hosts and operators.";
    HostLinks = "host_links", "See the hosts' links in bookings.";
    VendorLinks = "vendor_links", "See the vendor's own address of a room.";
    HostDoor = "host_door", "Fetch a fresh link that opens a room as its host.";
}
