#!/usr/bin/env bash
# The certificates of a broker and its devices, and the list of those that were revoked.
#
#   certificates.sh DIR server NAME|ADDRESS ...   the broker's, for the names by which devices reach it
#   certificates.sh DIR cloud                     the one by which the cloud reaches it
#   certificates.sh DIR device ID ...             one for each device
#   certificates.sh DIR revoke ID ...             every certificate of these devices, from now on
#   certificates.sh DIR list                      what was given out, and until when
#
# The first call makes the authority in DIR/authority, whose ca.key never leaves this machine. A second call with the
# same names changes nothing; a certificate with less than 30 days left, or revoked, is made anew. Needs openssl 3.
set -euo pipefail
umask 077

readonly RENEW_S=$((30 * 86400))
readonly AUTHORITY_DAYS=3650 CERTIFICATE_DAYS=730
# A name of a device as store files and topics have it.
readonly DEVICE='^[a-z0-9][a-z0-9_-]{0,62}$'
readonly HOST='^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$'

fail() {
  echo "certificates.sh: $*" >&2
  exit 1
}

usage() { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0"; }

# What openssl says is shown only where it fails.
quietly() {
  local said
  said=$("$@" 2>&1) || fail "$* failed:"$'\n'"$said"
}

make_authority() {
  mkdir -p "$TILLFREE_CA/issued"
  [ -e "$TILLFREE_CA/index.txt" ] || : >"$TILLFREE_CA/index.txt"
  [ -e "$TILLFREE_CA/crlnumber" ] || echo 01 >"$TILLFREE_CA/crlnumber"
  [ -s "$TILLFREE_CA/ca.key" ] || write_key "$TILLFREE_CA/ca.key"
  if [ ! -s "$TILLFREE_CA/ca.crt" ]; then
    quietly openssl req -new -x509 -config "$CONFIG" -extensions authority_extensions -subj "/CN=Tillfree authority" \
      -key "$TILLFREE_CA/ca.key" -days "$AUTHORITY_DAYS" -out "$TILLFREE_CA/ca.crt.new"
    mv "$TILLFREE_CA/ca.crt.new" "$TILLFREE_CA/ca.crt"
  fi
  public "$TILLFREE_CA/ca.crt" "$DIR/ca.crt"
  [ -s "$DIR/crl.pem" ] || write_revocations
}

write_key() {
  quietly openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.new"
  mv "$1.new" "$1"
}

# A copy that everybody may read, in place whole or not at all.
public() {
  cp "$1" "$2.new"
  chmod 644 "$2.new"
  mv "$2.new" "$2"
}

write_revocations() {
  quietly openssl ca -config "$CONFIG" -gencrl -out "$TILLFREE_CA/crl.pem"
  public "$TILLFREE_CA/crl.pem" "$DIR/crl.pem"
}

# The serial numbers of the certificates of name $1 that hold and are not revoked.
valid_serials() { awk -F '\t' -v subject="/CN=$1" '$1 == "V" && $6 == subject { print $4 }' "$TILLFREE_CA/index.txt"; }

still_good() {
  local certificate=$1 name=$2 serial
  [ -s "$certificate" ] && [ -s "${certificate%.crt}.key" ] || return 1
  openssl x509 -in "$certificate" -noout -checkend "$RENEW_S" >/dev/null || return 1
  openssl verify -CAfile "$TILLFREE_CA/ca.crt" "$certificate" >/dev/null 2>&1 || return 1
  serial=$(openssl x509 -in "$certificate" -noout -serial)
  valid_serials "$name" | grep -qx "${serial#serial=}"
}

# Key and certificate are moved into place together, once both are whole.
give_out() {
  local file=$1 name=$2 extensions=$3 made=$TILLFREE_CA/$1
  write_key "$made.key"
  quietly openssl req -new -config "$CONFIG" -subj "/CN=$name" -key "$made.key" -out "$made.csr"
  quietly openssl ca -batch -notext -config "$CONFIG" -extensions "$extensions" -days "$CERTIFICATE_DAYS" \
    -in "$made.csr" -out "$made.crt"
  mv "$made.key" "$DIR/$file.key"
  public "$made.crt" "$DIR/$file.crt"
  rm "$made.csr" "$made.crt"
  echo "$DIR/$file.crt: made for $name"
}

server() {
  local name
  [ $# -gt 0 ] || fail "say by which names or addresses devices reach the broker"
  TILLFREE_NAMES=
  for name in "$@"; do
    [[ $name =~ $HOST ]] || fail "'$name' is no host name and no address"
    if [[ $name =~ ^[0-9.]+$ || $name == *:* ]]; then name="IP:$name"; else name="DNS:$name"; fi
    TILLFREE_NAMES+=${TILLFREE_NAMES:+,}$name
  done
  if still_good "$DIR/server.crt" "$1" && [ "$(cat "$TILLFREE_CA/server.names" 2>/dev/null)" = "$TILLFREE_NAMES" ]; then
    echo "$DIR/server.crt: good as it is"
    return
  fi
  give_out server "$1" server_extensions
  echo "$TILLFREE_NAMES" >"$TILLFREE_CA/server.names"
}

cloud() {
  [ $# -eq 0 ] || fail "the cloud's name is cloud; it takes no other"
  client cloud
}

device() {
  local id
  [ $# -gt 0 ] || fail "say which device"
  for id in "$@"; do
    [[ $id =~ $DEVICE ]] || fail "'$id' cannot be a device: names match $DEVICE"
    # Their files would lie on the broker's own, and the cloud's rights are not a device's.
    case $id in ca | server | cloud) fail "'$id' is taken: choose another name for the device" ;; esac
    client "$id"
  done
}

client() {
  if still_good "$DIR/$1.crt" "$1"; then
    echo "$DIR/$1.crt: good as it is"
  else
    give_out "$1" "$1" client_extensions
  fi
}

revoke() {
  local id serial serials
  [ $# -gt 0 ] || fail "say which device"
  for id in "$@"; do
    serials=$(valid_serials "$id")
    [ -n "$serials" ] || fail "'$id' has no certificate that could be revoked; see: $0 $DIR list"
    for serial in $serials; do
      quietly openssl ca -config "$CONFIG" -revoke "$TILLFREE_CA/issued/$serial.pem"
    done
    echo "$id: revoked"
  done
  write_revocations
  echo "Take $DIR/crl.pem to the broker and tell it to read it: systemctl reload mosquitto"
}

list() {
  quietly openssl ca -config "$CONFIG" -updatedb
  awk -F '\t' '
    BEGIN { states["V"] = "valid"; states["R"] = "revoked"; states["E"] = "ended" }
    { sub("/CN=", "", $6)
      until = "20" substr($2, 1, 2) "-" substr($2, 3, 2) "-" substr($2, 5, 2)
      printf "%-8s %-24s until %s  %s\n", states[$1], $6, until, $4 }' "$TILLFREE_CA/index.txt"
}

[ $# -ge 2 ] || {
  usage >&2
  exit 2
}
command -v openssl >/dev/null || fail "needs openssl; on Debian: apt-get install openssl"
DIR=$1 command=$2
shift 2
mkdir -p "$DIR"
DIR=$(cd "$DIR" && pwd)
CONFIG=$(cd "$(dirname "$0")" && pwd)/openssl.cnf
export TILLFREE_CA=$DIR/authority TILLFREE_NAMES=DNS:none
readonly DIR CONFIG TILLFREE_CA
case $command in
  server | cloud | device | revoke | list) ;;
  *) fail "'$command' is none of server, cloud, device, revoke, list" ;;
esac
make_authority
"$command" "$@"
