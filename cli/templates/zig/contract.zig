//! The contract in Zig: slices, optionals and errors in place of the pointers and flags of
//! the bindings, and the exports of every strategy.
//!
//! Every call runs in a new instance, whose memory is discarded with it. What a call
//! returns is freed by the bindings, so it comes from malloc.

const std = @import("std");
const strategy = @import("root");

pub const c = @cImport(@cInclude("contract.h"));

/// Memory from malloc.
pub const memory = std.heap.c_allocator;

/// Why there is no credential. `fail` says more.
pub const Error = error{
    Missing,
    Expired,
    Invalid,
    Denied,
    Unavailable,
    Unsupported,
    Internal,
    Renewable,
    OutOfMemory,
};

/// What is told to the user about an error.
var message: []const u8 = "";
var hint: ?[]const u8 = null;

/// Returns the error, and remembers what is told to the user.
pub fn fail(kind: Error, comptime words: []const u8, values: anytype) Error {
    message = try std.fmt.allocPrint(memory, words, values);
    return kind;
}

/// Adds what to do about the error that is returned next.
pub fn advise(comptime words: []const u8, values: anytype) Error!void {
    hint = try std.fmt.allocPrint(memory, words, values);
}

pub const Request = c.orchestration_auth_types_request_t;

pub const Description = struct {
    auth_type: []const u8,
    version: []const u8,
    summary: []const u8,
    /// Variables that it uses, besides the one that the profile names.
    environment: []const []const u8 = &.{},
};

/// Where a credential comes from.
pub const Source = union(enum) {
    explicit,
    environment: []const u8,
    file: []const u8,
    session,
};

/// The credential `api_key`, by the name of the secret that is its text.
pub const Credential = struct {
    secret: []const u8,
    source: Source,
    expires_at: ?u64 = null,
};

/// Returns the text of the bindings as a slice.
pub fn slice(string: c.contract_string_t) []const u8 {
    return if (string.len == 0) "" else string.ptr[0..string.len];
}

/// Returns the text as a slice, if there is one.
pub fn optional(string: c.contract_option_string_t) ?[]const u8 {
    return if (string.is_some) slice(string.val) else null;
}

/// Returns the text for a function that only reads it.
pub fn lent(string: []const u8) c.contract_string_t {
    return .{ .ptr = @constCast(string.ptr), .len = string.len };
}

/// Returns a copy of the text that the bindings free.
pub fn given(string: []const u8) error{OutOfMemory}!c.contract_string_t {
    return lent(try memory.dupe(u8, string));
}

/// Returns a copy of the names that the bindings free.
pub fn givenNames(names: []const []const u8) error{OutOfMemory}!c.contract_list_string_t {
    const list = try memory.alloc(c.contract_string_t, names.len);
    for (list, names) |*item, name| item.* = try given(name);
    return listOf(c.contract_list_string_t, list);
}

/// Returns a list of the bindings. An empty slice of Zig may point anywhere, which the host
/// does not accept.
pub fn listOf(comptime List: type, items: anytype) List {
    return if (items.len == 0) .{} else .{ .ptr = items.ptr, .len = items.len };
}

/// Fills in the error for a function of the contract, which returns false then.
pub fn failed(kind: Error, ret: *c.orchestration_auth_types_auth_error_t) bool {
    ret.* = .{
        .kind = switch (kind) {
            error.Missing => c.ORCHESTRATION_AUTH_TYPES_ERROR_KIND_MISSING,
            error.Expired => c.ORCHESTRATION_AUTH_TYPES_ERROR_KIND_EXPIRED,
            error.Invalid => c.ORCHESTRATION_AUTH_TYPES_ERROR_KIND_INVALID,
            error.Denied => c.ORCHESTRATION_AUTH_TYPES_ERROR_KIND_DENIED,
            error.Unavailable => c.ORCHESTRATION_AUTH_TYPES_ERROR_KIND_UNAVAILABLE,
            error.Unsupported => c.ORCHESTRATION_AUTH_TYPES_ERROR_KIND_UNSUPPORTED,
            error.Internal, error.OutOfMemory => c.ORCHESTRATION_AUTH_TYPES_ERROR_KIND_INTERNAL,
            error.Renewable => c.ORCHESTRATION_AUTH_TYPES_ERROR_KIND_RENEWABLE,
        },
        .message = lent(message),
        .hint = .{ .is_some = hint != null, .val = lent(hint orelse "") },
    };
    return false;
}

fn described(ret: *c.orchestration_auth_types_description_t) Error!void {
    const description: Description = strategy.describe();
    ret.* = .{
        .auth_type = try given(description.auth_type),
        .version = try given(description.version),
        .summary = try given(description.summary),
        .environment = try givenNames(description.environment),
    };
}

fn found(request: *const Request, ret: *c.orchestration_auth_types_credentials_t) Error!void {
    const credential: Credential = try strategy.getCredentials(request);
    const values = try memory.alloc(c.contract_tuple2_string_string_t, 1);
    values[0] = .{ .f0 = try given("api_key"), .f1 = try given(credential.secret) };
    ret.* = .{
        .values = listOf(c.contract_list_tuple2_string_string_t, values),
        .source = switch (credential.source) {
            .explicit => .{ .tag = c.ORCHESTRATION_AUTH_TYPES_SOURCE_EXPLICIT },
            .session => .{ .tag = c.ORCHESTRATION_AUTH_TYPES_SOURCE_SESSION },
            .environment => |variable| .{
                .tag = c.ORCHESTRATION_AUTH_TYPES_SOURCE_ENVIRONMENT,
                .val = .{ .environment = try given(variable) },
            },
            .file => |path| .{
                .tag = c.ORCHESTRATION_AUTH_TYPES_SOURCE_FILE,
                .val = .{ .file = try given(path) },
            },
        },
        .expires_at = .{
            .is_some = credential.expires_at != null,
            .val = credential.expires_at orelse 0,
        },
    };
}

export fn exports_orchestration_auth_strategy_describe(
    ret: *c.orchestration_auth_types_description_t,
) void {
    described(ret) catch @trap();
}

export fn exports_orchestration_auth_strategy_get_credentials(
    request: *Request,
    ret: *c.orchestration_auth_types_credentials_t,
    err: *c.orchestration_auth_types_auth_error_t,
) bool {
    found(request, ret) catch |kind| return failed(kind, err);
    return true;
}

export fn exports_orchestration_auth_strategy_refresh_if_needed(
    request: *Request,
    err: *c.orchestration_auth_types_auth_error_t,
) bool {
    strategy.refreshIfNeeded(request) catch |kind| return failed(kind, err);
    return true;
}

export fn exports_orchestration_auth_strategy_is_valid(request: *Request) bool {
    _ = strategy.getCredentials(request) catch return false;
    return true;
}
