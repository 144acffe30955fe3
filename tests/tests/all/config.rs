//! providers.toml: where it is found, what it changes, and what is said of
//! mistakes in it.
//!
//! Promised here: a mistake ends the command with exit status 2 and names file,
//! line and column, and what to do; nothing is ever guessed instead, since a
//! profile that silently keeps its defaults would send a key to the wrong place;
//! and whatever the path leads to, the command comes to an end without a crash.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;

use orchestration_tests::{Cli, Outcome, skip};

const KEY: &str = "sk-proj-abcdefgh7x2f";

/// A good file.
const CORP: &str = "\
[profiles.corp]
provider = \"openai\"
base_url = \"https://llm.corp.example/v1\"
api_key_env = \"CORP_TOKEN\"
fallback_env = false
headers = { X-Team = \"search\" }

[profiles.corp.options]
region = \"eu\"
";

/// What `auth status` says of a file with a mistake at `place`: `LINE:COLUMN`, or
/// `LINE:` alone. Nothing is on stdout, and stderr names the place.
#[track_caller]
fn mistake(config: impl AsRef<[u8]>, place: &str) -> Outcome {
    let cli = Cli::new().config(config);
    let outcome = cli.status().exits_with(2);
    assert_eq!(outcome.stdout, "");
    let path = cli.home().join(".config/orchestration/providers.toml");
    let end = if place.ends_with(':') { "" } else { "\n" };
    outcome.explains(&["error: ", &format!("{}:{place}{end}", path.display())])
}

/// What is said of a file that can't be read.
#[track_caller]
fn unreadable(path: &str, reason: &str) {
    let cli = Cli::new();
    let outcome = cli.run(&["--config", path, "auth", "status"]).exits_with(2);
    assert_eq!(outcome.stdout, "");
    outcome.explains(&["error: ", path, reason, "--config FILE"]);
}

mod profiles_of_my_own {
    use super::*;

    #[test]
    fn add_to_the_built_in_ones() {
        let outcome = Cli::new().config(CORP).env("CORP_TOKEN", KEY).status().exits_with(0);
        assert_eq!(outcome.row("corp"), ["corp", "api_key", "✓ valid", "CORP_TOKEN"]);
        assert_eq!(outcome.stdout.lines().count(), 2 + 5, "{outcome:#?}");
    }

    #[test]
    fn change_a_built_in_one_field_by_field() {
        let config = "[profiles.openrouter]\napi_key_env = \"MY_ROUTER_KEY\"\n";
        let cli = Cli::new().config(config).env("MY_ROUTER_KEY", KEY);
        let outcome = cli.status().exits_with(0);
        let row = ["openrouter", "api_key", "✓ valid", "MY_ROUTER_KEY"];
        assert_eq!(outcome.row("openrouter"), row);

        // Another URL leaves the variable as it was.
        let config = "[profiles.gemini]\nbase_url = \"https://gemini.corp.example/v1\"\n";
        let outcome = Cli::new().config(config).env("GEMINI_API_KEY", KEY).status().exits_with(0);
        assert_eq!(outcome.row("gemini"), ["gemini", "api_key", "✓ valid", "GEMINI_API_KEY"]);

        // A profile that names a variable needs it, on this machine too.
        let config = "[profiles.local]\napi_key_env = \"LOCAL_KEY\"\n";
        let outcome = Cli::new().config(config).status().exits_with(0);
        assert_eq!(outcome.row("local"), ["local", "api_key", "✗ missing", "LOCAL_KEY"]);
        let outcome = Cli::new().config(config).env("LOCAL_KEY", KEY).status().exits_with(0);
        assert_eq!(outcome.row("local"), ["local", "api_key", "✓ valid", "LOCAL_KEY"]);
    }

    #[test]
    fn can_remove_a_variable_with_an_empty_name() {
        let config = "[profiles.openai]\napi_key_env = \"\"\n";
        let cli = Cli::new().config(config).env("OPENAI_API_KEY", KEY);
        let outcome = cli.status().exits_with(0);
        assert_eq!(outcome.row("openai"), ["openai", "api_key", "✗ missing", "-"]);
    }

    #[test]
    fn may_say_that_no_key_is_needed() {
        for url in
            ["http://192.168.1.20:11434/v1", "http://ollama:11434/v1", "http://0.0.0.0:8000/v1"]
        {
            let config = format!("[profiles.gpu]\nbase_url = \"{url}\"\n");
            let outcome = Cli::new().config(&config).login("gpu").exits_with(1);
            // Following the hint makes it valid.
            let (_, line) = outcome.stdout.split_once(", or ").expect("the hint has two ways");
            let (line, _) = line.split_once(" if ").expect("the hint says when");
            let cli = Cli::new().config(format!("{config}{line}\n")).env("OPENAI_API_KEY", KEY);
            let outcome = cli.status().exits_with(0);
            assert_eq!(outcome.row("gpu"), ["gpu", "none", "✓ valid", "(no auth needed)"]);
            let outcome = cli.login("gpu").exits_with(0);
            assert_eq!(outcome.stdout, "✓ No authentication required for gpu profile\n");
        }
    }

    #[test]
    fn that_need_no_key_drop_the_variable_of_the_layer_below() {
        let config = "[profiles.openai]\nbase_url = \"http://gpu:8000/v1\"\nauth_type = \"none\"\n";
        let cli = Cli::new().config(config).env("OPENAI_API_KEY", KEY);
        let outcome = cli.status().exits_with(0);
        assert_eq!(outcome.row("openai"), ["openai", "none", "✓ valid", "(no auth needed)"]);
        let outcome = cli.run(&["auth", "token", "openai"]).exits_with(0);
        assert_eq!(outcome.stdout, "");
    }

    #[test]
    fn may_all_be_left_out() {
        for config in ["", "\n", "# nothing yet\n", "[profiles]\n", "\u{feff}", "\r\n"] {
            let outcome = Cli::new().config(config).status().exits_with(0);
            assert_eq!(outcome.stdout.lines().count(), 2 + 4, "{config:?}: {outcome:#?}");
        }
    }

    #[test]
    fn may_have_windows_line_endings() {
        let config = CORP.replace('\n', "\r\n");
        let outcome = Cli::new().config(config).env("CORP_TOKEN", KEY).status().exits_with(0);
        assert_eq!(outcome.row("corp").get(2), Some(&"✓ valid"));
    }
}

mod a_mistake {
    use super::*;

    #[test]
    fn in_the_name_of_a_setting_suggests_the_right_one() {
        mistake("[profiles.corp]\nbas_url = \"https://llm.corp.example\"\n", "2:1").explains(&[
            "unknown key 'bas_url'",
            "2 | bas_url",
            "did you mean 'base_url'?",
        ]);
        mistake("[profile.corp]\n", "1:2").explains(&[
            "unknown key 'profile'",
            "1 | [profile.corp]",
            "did you mean 'profiles'?",
        ]);
    }

    #[test]
    fn that_resembles_no_setting_lists_the_known_ones() {
        let outcome = mistake("\n\n[profiles.corp]\n  colour = \"red\"\n", "4:3");
        outcome.explains(&[
            "unknown key 'colour'",
            "known keys",
            "provider",
            "base_url",
            "api_key_env",
            "fallback_env",
            "auth_type",
            "headers",
            "options",
        ]);
    }

    #[test]
    fn that_puts_a_key_into_the_file_says_where_the_key_belongs() {
        for key in ["api_key", "token"] {
            let cli = Cli::new().config(format!("[profiles.corp]\n{key} = \"{KEY}\"\n"));
            let outcome = cli.status().exits_with(2).explains(&[
                &format!("unknown key '{key}'"),
                "set a variable to it, and name that variable with api_key_env",
            ]);
            assert!(!outcome.all().contains(KEY), "{outcome:?}");
        }
    }

    #[test]
    fn in_a_type_says_what_was_expected_and_what_was_found() {
        mistake("[profiles.corp]\nbase_url = 5\n", "2:12")
            .explains(&["expected a string, found an integer", "2 | base_url"]);
        mistake("[profiles.corp]\nfallback_env = \"no\"\n", "2:16")
            .explains(&["expected a boolean, found a string", "2 | fallback_env"]);
        mistake("profiles = true\n", "1:12").explains(&["expected a table, found a boolean"]);
        mistake("[profiles.corp]\nheaders = []\n", "2:11")
            .explains(&["expected a table, found an array"]);
    }

    #[test]
    fn that_puts_a_key_instead_of_a_variable_never_prints_the_key() {
        for key in ["sk-proj-Zq81LmVt93KxBd", "gsk.Zq81LmVt93KxBd", "Zq81LmVt93KxBd+/x=="] {
            let config = format!("[profiles.corp]\napi_key_env = \"{key}\"\n");
            let outcome = mistake(config, "2:15").explains(&[
                "not the name of an environment variable",
                "name the variable that holds the key",
                "never the key itself",
            ]);
            assert!(!outcome.stderr.contains("Zq81LmVt"), "{}", outcome.stderr);
        }
    }

    #[test]
    fn of_a_variable_for_a_profile_without_a_key_says_which_line_to_remove() {
        let variable = "api_key_env = \"CORP_TOKEN\"";
        let none = "auth_type = \"none\"";
        for (lines, place) in [
            (format!("{variable}\n{none}\n"), "2:15"),
            (format!("{none}\n{variable}\n"), "3:15"),
            (format!("base_url = \"http://localhost:1/v1\"\n{none}\n{variable}\n"), "4:15"),
        ] {
            let config = format!("[profiles.corp]\n{lines}");
            mistake(&config, place).explains(&[
                "a profile with auth_type = \"none\" has no key",
                "remove api_key_env",
            ]);
            // Removing either makes it load.
            for line in [variable, none] {
                Cli::new().config(config.replace(line, "")).status().exits_with(0);
            }
        }
        // Naming none is no contradiction.
        let config = format!("[profiles.corp]\n{none}\napi_key_env = \"\"\n");
        Cli::new().config(config).status().exits_with(0);
    }

    #[test]
    fn that_sets_a_value_twice_is_an_error() {
        let config = "[profiles.corp]\nbase_url = \"https://a\"\nbase_url = \"https://b\"\n";
        mistake(config, "3:1").explains(&["duplicate key"]);
    }

    #[test]
    fn in_a_profile_name_says_which_characters_are_allowed() {
        for name in ["'corp x'", "'corp/x'", "'-corp'", "''", "'c\u{f6}rp'"] {
            mistake(format!("[profiles.{name}]\n"), "1:")
                .explains(&["a profile name contains only letters, digits"]);
        }
        mistake("[profiles.corp]\nauth_type = \"corp sso\"\n", "2:13")
            .explains(&["an auth type contains only letters, digits"]);
    }

    #[test]
    fn in_bytes_that_are_not_unicode_names_their_line() {
        let outcome = mistake(b"[profiles.corp]\n# caf\xe9\n", "2:");
        outcome.explains(&["not valid UTF-8"]);
    }

    #[test]
    fn that_cuts_the_file_off_is_reported_at_its_end() {
        mistake("[profiles.corp", "1:15").explains(&["]"]);
        mistake("[profiles.corp]\nbase_url = \"https://llm.corp", "2:29").explains(&["\""]);
        mistake("[profiles.corp]\nbase_url", "2:").explains(&["="]);
    }

    /// What may hold a key is not shown; where the mistake is, is no secret.
    #[test]
    fn in_a_line_that_is_not_shown_has_the_right_column() {
        mistake("[profiles.corp]\nbase_url", "2:9");
        mistake(b"[profiles.corp]\n# caf\xe9\n", "2:6");
        mistake("[profiles.'corp x']\n", "1:11");
        mistake("[profiles.corp]\napi_key = \"sk-proj-Zq81LmVt93KxBd", "2:34");
        mistake("[profiles.corp]\nheaders = { X-Team = \"search\", X-Team = \"\" }\n", "2:32");
    }

    #[test]
    fn in_a_file_that_is_cut_off_anywhere_is_never_a_crash() {
        for end in 0..CORP.len() {
            let config = CORP.get(..end).expect("the file is ASCII");
            let outcome = Cli::new().config(config).status();
            assert!(matches!(outcome.status, 0 | 2), "cut off at {end}: {outcome:#?}");
            let crash = outcome.stderr.contains("panicked");
            assert!(!crash, "cut off at {end}: {outcome:#?}");
        }
    }

    #[test]
    fn fails_auth_login_in_the_same_way() {
        let cli = Cli::new().config("[profiles.corp]\nbas_url = \"https://x\"\n");
        let outcome = cli.login("local").exits_with(2);
        assert_eq!(outcome.stdout, "");
        outcome.explains(&["providers.toml:2:1\n", "did you mean 'base_url'?"]);
    }

    #[test]
    fn in_endless_nesting_is_not_a_crash() {
        let config = format!("profiles = {}", "[".repeat(100_000));
        let outcome = Cli::new().config(config).status().exits_with(2);
        outcome.explains(&["error: ", "providers.toml:1:"]);
    }
}

mod a_path {
    use super::*;

    #[test]
    fn that_was_given_must_exist() {
        unreadable("/nowhere/providers.toml", "No such file");
        let cli = Cli::new().env("ORCHESTRATION_CONFIG", "/nowhere/providers.toml");
        cli.status().exits_with(2).explains(&["/nowhere/providers.toml", "No such file"]);
        cli.login("local").exits_with(2).explains(&["/nowhere/providers.toml", "No such file"]);
    }

    #[test]
    fn that_is_the_default_may_not_exist() {
        Cli::new().status().exits_with(0);
        // Something else may be in the way, too.
        let cli = Cli::new();
        cli.file(".config", "not a directory");
        assert_eq!(cli.status().exits_with(0).stderr, "");
    }

    #[test]
    fn to_a_directory_is_an_error() {
        let cli = Cli::new();
        unreadable(cli.home().to_str().expect("the path is Unicode"), "directory");
        // Even if no one named it: someone put it there.
        let directory = cli.home().join(".config/orchestration/providers.toml");
        fs::create_dir_all(directory).expect("a directory can be made");
        cli.status().exits_with(2).explains(&["providers.toml", "directory"]);
    }

    #[test]
    fn to_an_endless_file_is_an_error_and_does_not_fill_memory() {
        unreadable("/dev/zero", "larger than");
    }

    #[test]
    fn to_an_empty_device_is_an_empty_file() {
        Cli::new().run(&["--config", "/dev/null", "auth", "status"]).exits_with(0);
    }

    #[test]
    fn to_a_file_that_cannot_be_read_is_an_error() {
        let cli = Cli::new().config(CORP);
        let path = cli.home().join(".config/orchestration/providers.toml");
        let may = |mode| Permissions::from_mode(mode);
        fs::set_permissions(&path, may(0o000)).expect("permissions can be set");
        let mut command = cli.command(&["auth", "status"]);
        if File::open(&path).is_ok() {
            // Root may read everything, so the command runs as nobody.
            fs::set_permissions(cli.home(), may(0o755)).expect("permissions can be set");
            command.uid(65534);
            if let Err(reason) = command.spawn().map(|mut child| child.wait()) {
                return skip(&format!("root can't run the product as nobody: {reason}"));
            }
        }
        let outcome = Outcome::of(&mut command).exits_with(2);
        assert_eq!(outcome.stdout, "");
        outcome.explains(&["providers.toml", "Permission denied"]);
    }

    #[test]
    fn may_be_relative_to_the_current_directory() {
        let cli = Cli::new();
        cli.file("mine.toml", CORP);
        let outcome = cli.run(&["auth", "status", "--config", "mine.toml"]).exits_with(0);
        assert_eq!(outcome.row("corp").first(), Some(&"corp"));
    }
}

mod the_file {
    use super::*;

    /// A home with a file at every place that is looked at, each with a profile
    /// that is named after the place.
    fn everywhere() -> Cli {
        let cli = Cli::new();
        let profile = |name| format!("[profiles.{name}]\n");
        cli.file("named.toml", profile("from-flag"));
        let variable = cli.file("variable.toml", profile("from-variable"));
        cli.file("xdg/orchestration/providers.toml", profile("from-xdg"));
        let xdg = cli.home().join("xdg");
        cli.config(profile("from-home"))
            .env("ORCHESTRATION_CONFIG", variable)
            .env("XDG_CONFIG_HOME", xdg)
    }

    /// The profile that only one of the files has.
    fn read_by(cli: &Cli, arguments: &[&str]) -> Vec<String> {
        let outcome = cli.run(arguments).exits_with(0);
        let names = outcome.stdout.lines().filter_map(|line| line.split(' ').next());
        names.filter(|name| name.starts_with("from-")).map(str::to_owned).collect()
    }

    const STATUS: &[&str] = &["auth", "status"];

    #[test]
    fn given_by_the_flag_comes_first() {
        let cli = everywhere();
        assert_eq!(read_by(&cli, &["--config", "named.toml", "auth", "status"]), ["from-flag"]);
        assert_eq!(read_by(&cli, &["auth", "status", "--config=named.toml"]), ["from-flag"]);
    }

    #[test]
    fn given_by_the_variable_comes_second() {
        assert_eq!(read_by(&everywhere(), STATUS), ["from-variable"]);
    }

    #[test]
    fn in_xdg_config_home_comes_third() {
        let cli = everywhere().without("ORCHESTRATION_CONFIG");
        assert_eq!(read_by(&cli, STATUS), ["from-xdg"]);
    }

    #[test]
    fn in_the_home_directory_comes_last() {
        let cli = everywhere().without("ORCHESTRATION_CONFIG").without("XDG_CONFIG_HOME");
        assert_eq!(read_by(&cli, STATUS), ["from-home"]);
    }

    #[test]
    fn missing_from_xdg_config_home_is_not_looked_for_in_home() {
        let cli = Cli::new().config("[profiles.from-home]\n");
        let xdg = cli.home().join("xdg");
        let cli = cli.env("XDG_CONFIG_HOME", xdg);
        assert_eq!(read_by(&cli, STATUS), [""; 0]);
    }

    #[test]
    fn is_not_looked_for_in_a_relative_xdg_config_home() {
        let cli = everywhere().without("ORCHESTRATION_CONFIG").without("XDG_CONFIG_HOME");
        assert_eq!(read_by(&cli.env("XDG_CONFIG_HOME", "xdg"), STATUS), ["from-home"]);
    }

    #[test]
    fn is_not_looked_for_in_a_relative_home() {
        let cli = Cli::new().config("[profiles.from-home]\n").without("HOME");
        let mut command = cli.command(STATUS);
        let output = command
            .current_dir(cli.home().join(".."))
            .env("HOME", cli.home().file_name().expect("the home directory has a name"));
        let output = output.output().expect("the product can be started");
        assert!(!String::from_utf8_lossy(&output.stdout).contains("from-home"), "{output:?}");
    }

    #[test]
    fn given_by_an_empty_variable_counts_as_not_given() {
        let cli = everywhere().without("ORCHESTRATION_CONFIG").env("ORCHESTRATION_CONFIG", "");
        assert_eq!(read_by(&cli, STATUS), ["from-xdg"]);
        let cli = cli.without("XDG_CONFIG_HOME").env("XDG_CONFIG_HOME", "");
        assert_eq!(read_by(&cli, STATUS), ["from-home"]);
    }

    #[test]
    fn given_by_the_variable_has_an_absolute_path() {
        for path in ["~/x/providers.toml", "~", "~root/x.toml", "x/providers.toml", "./x.toml"] {
            let cli = Cli::new().env("ORCHESTRATION_CONFIG", path);
            for arguments in [&["profile", "add", "corp"][..], STATUS, &["doctor"]] {
                let outcome = cli.run(arguments).exits_with(2);
                assert!(outcome.stderr.contains(path), "{outcome:#?}");
            }
            assert_eq!(fs::read_dir(cli.home()).expect("it is there").count(), 0, "{path}");
        }
        let cli = Cli::new().env("ORCHESTRATION_CONFIG", "x/providers.toml");
        cli.status().exits_with(2).explains(&["ORCHESTRATION_CONFIG is not an absolute path"]);
    }

    #[test]
    fn is_never_in_a_directory_that_is_called_tilde() {
        let cli = Cli::new();
        for arguments in [&["profile", "add", "corp"][..], &["profile", "list"]] {
            let named = ["--config", "~/x/providers.toml"];
            let outcome = cli.run(&[&named[..], arguments].concat()).exits_with(2);
            outcome.explains(&["~/x/providers.toml", "not expanded", "home directory"]);
        }
        // The specification wants a relative path ignored.
        let cli = cli.env("XDG_CONFIG_HOME", "~/.config");
        cli.run(&["profile", "add", "corp"]).exits_with(0);
        assert!(cli.home().join(".config/orchestration/providers.toml").exists());
        let cli = Cli::new().without("HOME").env("HOME", "~");
        cli.run(&["profile", "add", "corp"]).exits_with(2).explains(&["no home directory"]);
        assert!(!cli.home().join("~").exists());
    }

    #[test]
    fn may_be_called_tilde_by_someone_who_means_it() {
        let cli = Cli::new();
        cli.run(&["--config", "./~/providers.toml", "profile", "add", "corp"]).exits_with(0);
        assert!(cli.home().join("~/providers.toml").exists());
    }

    #[test]
    fn is_not_needed_without_a_home() {
        assert_eq!(read_by(&Cli::new().without("HOME"), STATUS), [""; 0]);
    }
}
