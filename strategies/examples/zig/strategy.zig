//! The strategy `docker`: the login of a registry in Docker's configuration, such as
//! `~/.docker/config.json` after `docker login`, which the profile's `api_key_file` names.
//! The option `registry` is its key there, e.g. `ghcr.io`.
//!
//! The credential is what Docker sends after `Basic`. The strategy never sees it: the host
//! reads the file, and picks one place out of it.

const std = @import("std");
const contract = @import("contract.zig");
const c = contract.c;

comptime {
    // It exports the functions below.
    _ = contract;
}

pub fn describe() contract.Description {
    return .{
        .auth_type = "docker",
        .version = "0.1.0",
        .summary = "the login of a registry in the configuration of Docker",
    };
}

pub fn getCredentials(request: *const contract.Request) contract.Error!contract.Credential {
    if (request.explicit_key) {
        return .{ .secret = "explicit", .source = .explicit };
    }
    const path = contract.optional(request.profile.api_key_file) orelse {
        try contract.advise("add api_key_file to [profiles.{s}]", .{
            contract.slice(request.profile.name),
        });
        return contract.fail(error.Missing, "the profile names no file", .{});
    };
    const registry = registryOf(request.profile.options) orelse "https://index.docker.io/v1/";
    try take(path, "config");
    try pick("config", try pointerTo(registry), "auth");
    return .{ .secret = "auth", .source = .{ .file = path } };
}

pub fn refreshIfNeeded(_: *const contract.Request) contract.Error!void {}

/// Returns the option `registry` of the profile.
fn registryOf(options: c.contract_list_tuple2_string_string_t) ?[]const u8 {
    if (options.len == 0) return null;
    for (options.ptr[0..options.len]) |option| {
        if (std.mem.eql(u8, contract.slice(option.f0), "registry")) {
            return contract.slice(option.f1);
        }
    }
    return null;
}

/// Returns the JSON pointer to the login of a registry. A slash in a name is written as `~1`
/// (RFC 6901, 3).
fn pointerTo(registry: []const u8) contract.Error![]const u8 {
    const tilde = try std.mem.replaceOwned(u8, contract.memory, registry, "~", "~0");
    defer contract.memory.free(tilde);
    const slash = try std.mem.replaceOwned(u8, contract.memory, tilde, "/", "~1");
    defer contract.memory.free(slash);
    return std.fmt.allocPrint(contract.memory, "/auths/{s}/auth", .{slash});
}

/// Makes the text of a file the secret `name`.
fn take(path: []const u8, name: []const u8) contract.Error!void {
    var path_text = contract.lent(path);
    var name_text = contract.lent(name);
    var presence: c.orchestration_auth_files_presence_t = undefined;
    var fault: c.orchestration_auth_files_file_error_t = undefined;
    if (!c.orchestration_auth_files_take(&path_text, &name_text, &presence, &fault)) {
        return switch (fault) {
            c.ORCHESTRATION_AUTH_FILES_FILE_ERROR_DENIED => contract.fail(
                error.Denied,
                "{s} is not granted",
                .{path},
            ),
            else => contract.fail(error.Invalid, "{s} cannot be read", .{path}),
        };
    }
    if (presence != c.ORCHESTRATION_AUTH_FILES_PRESENCE_PRESENT) {
        try contract.advise("log in with: docker login", .{});
        return contract.fail(error.Missing, "{s} has no text", .{path});
    }
}

/// Makes what is at this place of a JSON document the secret `name`.
fn pick(document: []const u8, pointer: []const u8, name: []const u8) contract.Error!void {
    var document_text = contract.lent(document);
    var pointer_text = contract.lent(pointer);
    var name_text = contract.lent(name);
    var fault: c.orchestration_auth_secrets_tool_error_t = undefined;
    if (c.orchestration_auth_secrets_pick(&document_text, &pointer_text, &name_text, &fault)) {
        return;
    }
    if (fault == c.ORCHESTRATION_AUTH_SECRETS_TOOL_ERROR_MALFORMED) {
        return contract.fail(error.Invalid, "the configuration of Docker is not JSON", .{});
    }
    // With a credential helper, the login is not in the file.
    try contract.advise("log in with: docker login", .{});
    return contract.fail(error.Missing, "there is no login for the registry", .{});
}
