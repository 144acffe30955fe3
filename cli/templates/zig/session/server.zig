//! Requests to the server of the profile, and what goes wrong with them.

const std = @import("std");
const contract = @import("contract.zig");
const c = contract.c;

/// What is read from every answer. Each of these is public by its RFC.
const read_at = [_][]const u8{
    "/error",
    "/error_description",
    "/expires_in",
    "/interval",
    "/user_code",
    "/verification_uri",
    "/verification_uri_complete",
};

/// What a field of a form has: a text, or the secret of this name.
pub const Value = union(enum) { text: []const u8, secret: []const u8 };
pub const Field = struct { []const u8, Value };

/// A JSON pointer into an answer, and the name of the secret that it becomes.
pub const Taken = struct { []const u8, []const u8 };

pub const Answer = struct {
    response: c.orchestration_auth_http_response_t,

    /// Returns what was read at this pointer.
    pub fn read(answer: Answer, pointer: []const u8) ?[]const u8 {
        const list = answer.response.read;
        for (list.ptr[0..list.len]) |pair| {
            if (std.mem.eql(u8, contract.slice(pair.f0), pointer)) return contract.slice(pair.f1);
        }
        return null;
    }

    pub fn readNumber(answer: Answer, comptime Number: type, pointer: []const u8) ?Number {
        return std.fmt.parseInt(Number, answer.read(pointer) orelse return null, 10) catch null;
    }

    /// Returns whether the server refuses for this reason.
    pub fn says(answer: Answer, reason: []const u8) bool {
        return std.mem.eql(u8, answer.read("/error") orelse return false, reason);
    }

    pub fn took(answer: Answer, secret: []const u8) bool {
        return contains(answer.response.taken, secret);
    }

    /// Returns the error of a server that refuses, in its own words (RFC 6749, 5.2). One
    /// that gives no reason may be out of order, which says nothing about the session.
    pub fn refused(answer: Answer) contract.Error {
        const status = answer.response.status;
        const reason = answer.read("/error");
        if (reason == null or status == 408 or status == 429 or status >= 500) {
            const words = "the server answered with status {d}";
            return contract.fail(error.Unavailable, words, .{status});
        }
        const said = answer.read("/error_description") orelse reason.?;
        return contract.fail(error.Invalid, "the server refuses: {s}", .{said});
    }
};

pub fn contains(names: c.contract_list_string_t, name: []const u8) bool {
    if (names.len == 0) return false;
    for (names.ptr[0..names.len]) |known| {
        if (std.mem.eql(u8, contract.slice(known), name)) return true;
    }
    return false;
}

/// Posts a form to the server, as the client that the profile names, and takes secrets
/// from the answer.
pub fn post(
    request: *const contract.Request,
    path: []const u8,
    fields: []const Field,
    take: []const Taken,
) contract.Error!Answer {
    const issuer = contract.optional(request.profile.issuer);
    const client = clientOf(request.profile.options);
    if (issuer == null or client == null) {
        const words = "the profile needs `issuer` and `options.client_id`";
        return contract.fail(error.Unsupported, words, .{});
    }
    const memory = contract.memory;
    const base = std.mem.trimEnd(u8, issuer.?, "/");
    const form = try memory.alloc(c.orchestration_auth_http_tuple2_string_part_t, fields.len + 1);
    defer memory.free(form);
    for (form[0..fields.len], fields) |*part, field| part.* = partOf(field);
    form[fields.len] = partOf(.{ "client_id", .{ .text = client.? } });
    const taken = try memory.alloc(c.contract_tuple2_string_string_t, take.len);
    defer memory.free(taken);
    for (taken, take) |*pair, wanted| {
        pair.* = .{ .f0 = contract.lent(wanted[0]), .f1 = contract.lent(wanted[1]) };
    }
    const url = try std.mem.concat(memory, u8, &.{ base, path });
    defer memory.free(url);
    var read: [read_at.len]c.contract_string_t = undefined;
    for (&read, read_at) |*pointer, text| pointer.* = contract.lent(text);
    var sent: c.orchestration_auth_http_request_t = .{
        .method = contract.lent("POST"),
        .url = contract.lent(url),
        .encoding = c.ORCHESTRATION_AUTH_HTTP_ENCODING_FORM,
        .fields = contract.listOf(c.orchestration_auth_http_list_tuple2_string_part_t, form),
        .read = contract.listOf(c.contract_list_string_t, read[0..]),
        .take = contract.listOf(c.contract_list_tuple2_string_string_t, taken),
    };
    var answer: Answer = undefined;
    var fault: c.orchestration_auth_http_http_error_t = undefined;
    if (!c.orchestration_auth_http_send(&sent, &answer.response, &fault)) return noAnswer(fault);
    return answer;
}

/// Returns the option `client_id` of the profile.
fn clientOf(options: c.contract_list_tuple2_string_string_t) ?[]const u8 {
    if (options.len == 0) return null;
    for (options.ptr[0..options.len]) |option| {
        if (std.mem.eql(u8, contract.slice(option.f0), "client_id")) {
            return contract.slice(option.f1);
        }
    }
    return null;
}

fn partOf(field: Field) c.orchestration_auth_http_tuple2_string_part_t {
    return .{ .f0 = contract.lent(field[0]), .f1 = switch (field[1]) {
        .text => |text| .{
            .tag = c.ORCHESTRATION_AUTH_TYPES_PART_TEXT,
            .val = .{ .text = contract.lent(text) },
        },
        .secret => |name| .{
            .tag = c.ORCHESTRATION_AUTH_TYPES_PART_SECRET,
            .val = .{ .secret = contract.lent(name) },
        },
    } };
}

fn noAnswer(fault: c.orchestration_auth_http_http_error_t) contract.Error {
    return switch (fault) {
        c.ORCHESTRATION_AUTH_HTTP_HTTP_ERROR_DENIED => contract.fail(
            error.Denied,
            "the server is not granted",
            .{},
        ),
        c.ORCHESTRATION_AUTH_HTTP_HTTP_ERROR_NO_SECRET,
        c.ORCHESTRATION_AUTH_HTTP_HTTP_ERROR_MALFORMED,
        c.ORCHESTRATION_AUTH_HTTP_HTTP_ERROR_OFFLINE,
        => contract.fail(error.Internal, "the request cannot be sent", .{}),
        else => contract.fail(error.Unavailable, "the server did not answer", .{}),
    };
}
