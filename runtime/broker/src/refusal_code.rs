//! The names of the errors of the broker, for programs: in its answers, its metrics and its
//! status page.

/// Declares the codes, so that a list of all of them can't miss one.
macro_rules! codes {
    ($($code:ident => $name:literal,)*) => {
        /// Which of its errors the broker answers with.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum RefusalCode {
            $($code,)*
        }

        impl RefusalCode {
            pub(crate) const ALL: [Self; [$($name,)*].len()] = [$(Self::$code,)*];

            /// Returns the name.
            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$code => $name,)*
                }
            }
        }
    };
}

codes! {
    KeyRefused => "key_refused",
    Method => "method_refused",
    NoCredential => "no_credential",
    NoPass => "no_pass",
    NoSuchPath => "no_such_path",
    NotExposed => "not_exposed",
    OtherHost => "other_host",
    OtherProfile => "pass_for_other_profile",
    Path => "path_refused",
    NotServed => "profile_not_served",
    Unreachable => "provider_unreachable",
    TooMany => "too_many_connections",
    Unreadable => "unreadable_error",
    WebPage => "web_page",
    WebSocket => "websocket_refused",
    WrongPass => "wrong_pass",
}
