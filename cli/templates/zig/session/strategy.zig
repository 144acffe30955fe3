//! The strategy `{{name}}`: the user signs in with a code on any device (RFC 8628), and
//! stays signed in.
//!
//! It never sees a token. The host keeps the secrets of a call and of the session; the
//! strategy says which one goes into which request, and which part of an answer becomes
//! which secret.

const contract = @import("contract.zig");
const server = @import("server.zig");
const sign_in = @import("sign_in.zig");

// Change these: where your server answers, below the `issuer` of the profile, and what
// the token is for.
const device_path = "/device/code";
const token_path = "/token";
const revoke_path = "/revoke";
const scope = "llm";

// The names of the secrets. A session with one named `refresh` is shown as one that
// renews itself.
const access = "access";
const refresh = "refresh";
pub const device_code = "device_code";

const tokens = [_]server.Taken{ .{ "/access_token", access }, .{ "/refresh_token", refresh } };

comptime {
    // They export the functions below.
    _ = contract;
    _ = sign_in;
}

pub fn describe() contract.Description {
    return .{
        .auth_type = "{{name}}",
        .version = "0.1.0",
        .summary = "signs in with a code, and renews the session",
    };
}

pub fn getCredentials(request: *const contract.Request) contract.Error!contract.Credential {
    if (request.explicit_key) {
        return .{ .secret = "explicit", .source = .explicit };
    }
    const session = try sign_in.load() orelse {
        return contract.fail(error.Missing, "not signed in", .{});
    };
    if (session.expires_at) |expiry| {
        if (expiry <= request.now and session.has(refresh)) {
            return contract.fail(error.Renewable, "the access token has expired", .{});
        }
    }
    return .{ .secret = access, .source = .session, .expires_at = session.expires_at };
}

pub fn refreshIfNeeded(request: *const contract.Request) contract.Error!void {
    const session = try sign_in.load() orelse return;
    if (!session.has(refresh)) return;
    const answer = try server.post(request, token_path, &.{
        .{ "grant_type", .{ .text = "refresh_token" } },
        .{ "refresh_token", .{ .secret = refresh } },
    }, &tokens);
    // The old refresh token stays under its name unless the server sends a new one.
    if (answer.response.status == 200) return save(request, answer, true);
    if (!answer.says("invalid_grant")) return answer.refused();
    sign_in.forget();
    return contract.fail(error.Expired, "the session has ended", .{});
}

pub fn begin(request: *const contract.Request) contract.Error!sign_in.Step {
    const fields = [_]server.Field{.{ "scope", .{ .text = scope } }};
    const take = [_]server.Taken{.{ "/device_code", device_code }};
    const answer = try server.post(request, device_path, &fields, &take);
    if (!answer.took(device_code)) return answer.refused();
    return .{ .show = .{
        .address = answer.read("/verification_uri") orelse return answer.refused(),
        .complete = answer.read("/verification_uri_complete"),
        .code = answer.read("/user_code") orelse return answer.refused(),
        .interval = answer.readNumber(u32, "/interval") orelse 5,
        .lasts = answer.readNumber(u32, "/expires_in") orelse 600,
    } };
}

/// Goes on after `begin`: asks the server whether the user has approved.
pub fn poll(request: *const contract.Request) contract.Error!sign_in.Step {
    return approved(request) catch |kind| switch (kind) {
        // A server that is away for a moment does not end the sign-in.
        error.Unavailable => .{ .wait = 5 },
        else => kind,
    };
}

fn approved(request: *const contract.Request) contract.Error!sign_in.Step {
    const answer = try server.post(request, token_path, &.{
        .{ "grant_type", .{ .text = "urn:ietf:params:oauth:grant-type:device_code" } },
        .{ "device_code", .{ .secret = device_code } },
    }, &tokens);
    if (answer.response.status == 200) {
        try save(request, answer, false);
        return .done;
    }
    if (answer.says("authorization_pending")) return .{ .wait = 0 };
    if (answer.says("slow_down")) return .{ .wait = 5 };
    return answer.refused();
}

/// Tells the server that the tokens are not used any more (RFC 7009).
pub fn end(request: *const contract.Request) contract.Error!void {
    const session = try sign_in.load() orelse return;
    const token = if (session.has(refresh)) refresh else access;
    const fields = [_]server.Field{.{ "token", .{ .secret = token } }};
    const answer = try server.post(request, revoke_path, &fields, &.{});
    if (answer.response.status != 200) return answer.refused();
}

/// Saves the session with the tokens of an answer.
fn save(request: *const contract.Request, answer: server.Answer, renews: bool) contract.Error!void {
    if (!answer.took(access)) return answer.refused();
    const secrets = [_][]const u8{ access, refresh };
    const count: usize = if (renews or answer.took(refresh)) 2 else 1;
    const lasts = answer.readNumber(u32, "/expires_in");
    return sign_in.save(secrets[0..count], if (lasts) |seconds| request.now + seconds else null);
}
