#!/bin/sh
# Installs the command `orchestration` from a release: downloads the archive for this
# machine, compares its SHA-256 with the digest that this script has or that --digest
# names, and moves the executable into place in one step.
#
#   sh install.sh [--version VERSION] [--digest SHA256] [--to DIRECTORY]
#
#   --version   the release, that of this script by default
#   --digest    the SHA-256 of the archive; required for any other version
#   --to        where the executable goes, ~/.local/bin by default
#
# ORCHESTRATION_RELEASES is the address of the releases, if a mirror has them.
set -eu

# release/finish fills these in: lines of a target and the digest of its archive.
version=
digests=

# All of the script is read before any of it runs, however the download ends.
main() {
    releases=${ORCHESTRATION_RELEASES:-https://github.com/OWNER/orchestration/releases/download}
    directory=
    wanted=$version
    digest=
    while [ $# -gt 0 ]; do
        case $1 in
            --version) wanted=$(value "$@"); shift 2 ;;
            --digest) digest=$(value "$@"); shift 2 ;;
            --to) directory=$(value "$@"); shift 2 ;;
            -h | --help) usage; exit 0 ;;
            *) usage >&2; exit 2 ;;
        esac
    done
    [ -n "$wanted" ] || fail 2 "this script is of no release" "name one: --version VERSION --digest SHA256"
    case $wanted in
        *[!0-9A-Za-z.+-]*) fail 2 "'$wanted' is not a version" "for example: --version 0.1.0" ;;
    esac
    case $releases in
        https://*) protocols='=https' ;;
        http://127.0.0.1:* | http://localhost:*) protocols='=http' ;;
        *) fail 2 "$releases is not an https address" "set ORCHESTRATION_RELEASES to one" ;;
    esac
    if [ -z "$directory" ]; then
        [ -n "${HOME:-}" ] || fail 2 "HOME is not set" "name a directory: --to DIRECTORY"
        directory=$HOME/.local/bin
    fi
    target=$(target)
    if [ -z "$digest" ]; then
        [ "$wanted" = "$version" ] ||
            fail 2 "the digest of version $wanted is not known" "name it: --digest SHA256; SHA256SUMS of the release has it"
        digest=$(printf '%s\n' "$digests" | sed -n "s/^$target //p")
        [ -n "$digest" ] ||
            fail 1 "release $version has no archive for $target" "build it: cargo install --locked orchestration-cli"
    fi
    put_in_place
}

# Downloads, compares and installs.
put_in_place() {
    name=orchestration-$wanted-$target
    address=$releases/v$wanted/$name.tar.gz
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' HUP INT TERM
    download "$address" "$work/archive" ||
        fail 1 "cannot download $address" "check the version and the network, then try again"
    found=$(sha256 "$work/archive")
    [ "$found" = "$(printf '%s' "$digest" | tr A-F a-f)" ] ||
        fail 1 "$address has the SHA-256 $found, not $digest; nothing was installed" "do not use it; compare with SHA256SUMS of the release"
    tar -xzf "$work/archive" -C "$work"
    mkdir -p "$directory" || fail 1 "cannot create $directory" "name another directory: --to DIRECTORY"
    new=$directory/.orchestration.$$
    if cp "$work/$name/bin/orchestration" "$new" && chmod 755 "$new" && mv -f "$new" "$directory/orchestration"; then
        printf 'installed %s\n' "$directory/orchestration"
    else
        rm -f "$new"
        fail 1 "cannot write $directory/orchestration" "name another directory: --to DIRECTORY"
    fi
    case :$PATH: in
        *:"$directory":*) ;;
        *) printf '  add it to your PATH: export PATH="%s:%s"\n' "$directory" "\$PATH" ;;
    esac
    printf '  then: orchestration init\n'
}

# Prints the target of this machine, as Rust calls it.
target() {
    machine=$(uname -m)
    case $machine in
        arm64) machine=aarch64 ;;
        amd64) machine=x86_64 ;;
    esac
    case $(uname -s) in
        Linux)
            # Alpine and others have a library that programs for glibc do not run with.
            case $(ldd --version 2>&1) in
                *musl*) printf '%s-unknown-linux-musl' "$machine" ;;
                *) printf '%s-unknown-linux-gnu' "$machine" ;;
            esac
            ;;
        Darwin) printf '%s-apple-darwin' "$machine" ;;
        *) fail 1 "there is no release for $(uname -s)" "build it: cargo install --locked orchestration-cli" ;;
    esac
}

download() {
    if command -v curl >/dev/null 2>&1; then
        curl --fail --silent --show-error --location --proto "$protocols" --retry 3 --output "$2" "$1"
    elif command -v wget >/dev/null 2>&1; then
        wget --quiet --output-document="$2" "$1"
    else
        fail 1 "neither curl nor wget is installed" "install one of them"
    fi
}

sha256() {
    if command -v sha256sum >/dev/null 2>&1; then
        sha256sum "$1" | cut -d ' ' -f 1
    elif command -v shasum >/dev/null 2>&1; then
        shasum -a 256 "$1" | cut -d ' ' -f 1
    else
        fail 1 "neither sha256sum nor shasum is installed" "install one of them"
    fi
}

# Prints the value of an option, which is its second argument.
value() {
    [ $# -ge 2 ] || fail 2 "$1 needs a value" "for help: sh install.sh --help"
    printf '%s' "$2"
}

usage() {
    cat <<'END'
Usage: sh install.sh [--version VERSION] [--digest SHA256] [--to DIRECTORY]

  --version   the release, that of this script by default
  --digest    the SHA-256 of the archive; required for any other version
  --to        where the executable goes, ~/.local/bin by default
END
}

# Ends with the status $1, after what happened and what to do.
fail() {
    printf 'error: %s\n  %s\n' "$2" "$3" >&2
    exit "$1"
}

main "$@"
