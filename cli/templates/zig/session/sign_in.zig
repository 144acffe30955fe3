//! The session in the store, and the exports of a strategy that signs in.

const std = @import("std");
const strategy = @import("root");
const contract = @import("contract.zig");
const server = @import("server.zig");
const c = contract.c;

pub const Session = struct {
    /// The names of its secrets, which the table has after `load`.
    secrets: c.contract_list_string_t,
    expires_at: ?u64,

    pub fn has(session: Session, secret: []const u8) bool {
        return server.contains(session.secrets, secret);
    }
};

pub fn load() contract.Error!?Session {
    var loaded: c.orchestration_auth_store_option_session_t = undefined;
    var fault: c.orchestration_auth_store_store_error_t = undefined;
    if (!c.orchestration_auth_store_load(&loaded, &fault)) {
        return contract.fail(error.Internal, "the session cannot be loaded", .{});
    }
    if (!loaded.is_some) return null;
    const end = loaded.val.expires_at;
    return .{
        .secrets = loaded.val.secrets,
        .expires_at = if (end.is_some) end.val else null,
    };
}

pub fn save(secrets: []const []const u8, expires_at: ?u64) contract.Error!void {
    var session: c.orchestration_auth_store_session_t = .{
        .secrets = try contract.givenNames(secrets),
        .expires_at = .{ .is_some = expires_at != null, .val = expires_at orelse 0 },
    };
    defer c.orchestration_auth_store_session_free(&session);
    var fault: c.orchestration_auth_store_store_error_t = undefined;
    if (!c.orchestration_auth_store_save(&session, &fault)) {
        return contract.fail(error.Internal, "the session cannot be saved", .{});
    }
}

pub fn forget() void {
    var fault: c.orchestration_auth_store_store_error_t = undefined;
    _ = c.orchestration_auth_store_forget(&fault);
}

/// A code that the user types into a page.
pub const Code = struct {
    address: []const u8,
    complete: ?[]const u8,
    code: []const u8,
    interval: u32,
    lasts: u32,
};

/// What happens next.
pub const Step = union(enum) {
    show: Code,
    /// The host goes on as before, this many seconds slower.
    wait: u32,
    done,
};

const NextResult = c.exports_orchestration_auth_sign_in_next_t;
const ErrorResult = c.orchestration_auth_types_auth_error_t;

/// Fills in what happens next. The secret that the strategy waits with is there again then.
fn next(step: Step, ret: *NextResult) contract.Error!void {
    const kept: []const []const u8 = if (step == .done) &.{} else &.{strategy.device_code};
    ret.* = .{
        .step = switch (step) {
            .show => |code| .{
                .tag = c.EXPORTS_ORCHESTRATION_AUTH_SIGN_IN_STEP_SHOW,
                .val = .{ .show = .{
                    .address = try contract.given(code.address),
                    .complete = .{
                        .is_some = code.complete != null,
                        .val = try contract.given(code.complete orelse ""),
                    },
                    .code = try contract.given(code.code),
                    .interval = code.interval,
                    .lasts = code.lasts,
                } },
            },
            .wait => |seconds| .{
                .tag = c.EXPORTS_ORCHESTRATION_AUTH_SIGN_IN_STEP_WAIT,
                .val = .{ .wait = seconds },
            },
            .done => .{ .tag = c.EXPORTS_ORCHESTRATION_AUTH_SIGN_IN_STEP_DONE },
        },
        .secrets = try contract.givenNames(kept),
    };
}

fn begun(request: *const contract.Request, ret: *NextResult) contract.Error!void {
    return next(try strategy.begin(request), ret);
}

fn resumed(request: *const contract.Request, ret: *NextResult) contract.Error!void {
    return next(try strategy.poll(request), ret);
}

export fn exports_orchestration_auth_sign_in_begin(
    request: *contract.Request,
    _: bool,
    ret: *NextResult,
    err: *ErrorResult,
) bool {
    begun(request, ret) catch |kind| return contract.failed(kind, err);
    return true;
}

export fn exports_orchestration_auth_sign_in_resume(
    request: *contract.Request,
    _: *c.contract_list_tuple2_string_string_t,
    ret: *NextResult,
    err: *ErrorResult,
) bool {
    resumed(request, ret) catch |kind| return contract.failed(kind, err);
    return true;
}

export fn exports_orchestration_auth_sign_in_end(
    request: *contract.Request,
    err: *ErrorResult,
) bool {
    strategy.end(request) catch |kind| return contract.failed(kind, err);
    return true;
}
