//! The strategy `{{name}}`: an explicit key, or the key in the variable that the profile
//! names.
//!
//! It never sees a key. The host keeps the secrets of a call; the strategy gives them
//! names, and returns the name of the one that is the credential.

const contract = @import("contract.zig");
const c = contract.c;

comptime {
    // It exports the functions below.
    _ = contract;
}

pub fn describe() contract.Description {
    return .{
        .auth_type = "{{name}}",
        .version = "0.1.0",
        .summary = "a key from the variable that the profile names",
    };
}

pub fn getCredentials(request: *const contract.Request) contract.Error!contract.Credential {
    if (request.explicit_key) {
        return .{ .secret = "explicit", .source = .explicit };
    }
    const variable = contract.optional(request.profile.api_key_env) orelse {
        try contract.advise("add api_key_env to [profiles.{s}]", .{
            contract.slice(request.profile.name),
        });
        return contract.fail(error.Missing, "the profile names no variable", .{});
    };
    try take(variable, "key");
    // Change this: which secret becomes the credential. If the server expects a prefix,
    // for example, make a secret that has it with `c.orchestration_auth_secrets_concat`,
    // and return the name of that one.
    return .{ .secret = "key", .source = .{ .environment = variable } };
}

pub fn refreshIfNeeded(_: *const contract.Request) contract.Error!void {}

/// Makes the value of a variable the secret `name`.
fn take(variable: []const u8, name: []const u8) contract.Error!void {
    var variable_text = contract.lent(variable);
    var name_text = contract.lent(name);
    var presence: c.orchestration_auth_environment_presence_t = undefined;
    var fault: c.orchestration_auth_environment_environment_error_t = undefined;
    if (!c.orchestration_auth_environment_take(&variable_text, &name_text, &presence, &fault)) {
        return switch (fault) {
            c.ORCHESTRATION_AUTH_ENVIRONMENT_ENVIRONMENT_ERROR_DENIED => contract.fail(
                error.Denied,
                "{s} is not granted",
                .{variable},
            ),
            else => contract.fail(error.Invalid, "{s} is not Unicode", .{variable}),
        };
    }
    if (presence != c.ORCHESTRATION_AUTH_ENVIRONMENT_PRESENCE_SET) {
        try contract.advise("set it with: export {s}=your-key-here", .{variable});
        return contract.fail(error.Missing, "{s} is not set", .{variable});
    }
}
