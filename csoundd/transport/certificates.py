"""TLS: the certificate that connections are encrypted with, read again when it changes, or made by our own authority.

The authority is a key in the state folder that signs certificates for this machine alone. A phone that has been told to
trust it sees a page of the daemon as one that may use the microphone and AudioWorklet, as browsers ask for.
"""

from __future__ import annotations

import logging
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html import escape
from ipaddress import ip_address
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from csoundd.errors import CsounddError, NotFound
from csoundd.transport.conditions import failed
from csoundd.transport.pages import STYLE, page

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256

log = logging.getLogger("csoundd.transport")

LEAF_DAYS: Final = 397
"""Days that a certificate is good for: browsers take none of more than 398."""

RENEWAL_DAYS: Final = 30
"""Days before its end at which a certificate is made anew."""

AUTHORITY_DAYS: Final = 3650

PAGE: Final = "/authority"
DOWNLOAD: Final = "/authority.crt"

INSTALL: Final = "pip install 'csoundd[tls]'"


class BadCertificate(CsounddError):
    """There is no certificate that TLS could be spoken with."""

    summary = "there is no certificate to speak TLS with"


class Certificate:
    """The certificate in the file ``cert`` with its key in ``key``; at each :meth:`look` changes are taken over.

    ``renew`` is asked at each look whether there is to be another one, and puts it into the files. Raises
    BadCertificate for files that cannot be used.
    """

    def __init__(self, cert: Path, key: Path, renew: Callable[[], object] = lambda: None) -> None:
        self._cert, self._key, self._renew = cert, key, renew
        self._seen = self._marks()
        self._context = self._loaded()

    def context(self) -> ssl.SSLContext:
        """What the next connection is encrypted with."""
        return self._context

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the certificate, as browsers show it."""
        return fingerprint_of(self._cert)

    def seconds_left(self) -> float:
        """Seconds until it expires."""
        return expiry_of(first_of(self._cert)) - time.time()

    def look(self) -> None:
        """Take over what has changed. What cannot be used is told in the log, and the old one stays in use."""
        try:
            self._renew()
            marks = self._marks()
            if marks != self._seen:
                self._seen = marks
                self._context = self._loaded()
                log.info("TLS: a new certificate is in use, SHA-256 %s", self.fingerprint)
        except (BadCertificate, OSError) as fault:
            log.warning("TLS: the old certificate stays in use: %s", fault)

    def _marks(self) -> list[tuple[int, int]]:
        try:
            return [(found.st_mtime_ns, found.st_size) for found in (self._cert.stat(), self._key.stat())]
        except OSError as fault:
            raise BadCertificate(f"{fault.filename} cannot be read: {fault.strerror}") from None

    def _loaded(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # HTTP/2 is not spoken here, and a client that offers it is told so.
        context.set_alpn_protocols(["http/1.1"])
        try:
            context.load_cert_chain(self._cert, self._key, password=_no_password)
        except (OSError, ValueError) as fault:
            reason = getattr(fault, "reason", None) or getattr(fault, "strerror", None) or fault
            raise BadCertificate(f"{self._cert} and {self._key} are no certificate and its key: {reason}") from None
        return context


class Authority:
    """An authority in ``folder``, which is made where there is none, and its certificate for ``names``.

    ``names`` gives the names and addresses of the machine at the moment. Raises BadCertificate without the package
    cryptography, or where the folder cannot be used.
    """

    def __init__(self, folder: Path, names: Callable[[], Iterable[str]]) -> None:
        self._folder, self._names = folder, names
        self.certificate_file = folder / "authority.crt"
        self._authority_key = folder / "authority.key"
        self.leaf, self.leaf_key = folder / "server.crt", folder / "server.key"
        try:
            self._prepare()
            self.renew()
        except OSError as fault:
            raise BadCertificate(f"{folder} cannot be used: {fault.strerror or fault}") from None
        except ImportError:
            raise BadCertificate(
                "the package cryptography, which makes certificates, is not there", hint=INSTALL
            ) from None
        except ValueError as fault:
            raise BadCertificate(
                f"what is in {folder} cannot be used: {fault}", hint="remove it for a new one"
            ) from None

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the authority's certificate, as a phone shows it."""
        return fingerprint_of(self.certificate_file)

    def renew(self) -> None:
        """Make the certificate anew where it is about to end or the machine has other names."""
        names = sorted(set(self._names()))
        if self._is_good(names):
            return
        from cryptography import x509  # noqa: PLC0415 - an extra, and slow to import
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - as above
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - as above
        from cryptography.x509.oid import ExtendedKeyUsageOID  # noqa: PLC0415 - as above

        authority = x509.load_pem_x509_certificate(self.certificate_file.read_bytes())
        loaded = serialization.load_pem_private_key(self._authority_key.read_bytes(), password=None)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise ValueError("the authority's key is of another kind")  # noqa: TRY004 - as a key that cannot be read
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = (
            _builder(names[0], LEAF_DAYS, key, authority.subject)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(list(map(_alternative, names))), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(loaded.public_key()), critical=False)
            .sign(loaded, _sha256())
        )
        _write(self.leaf_key, _private(key))
        _write(self.leaf, _public(leaf) + _public(authority))
        log.info("TLS: a certificate for %s was made", ", ".join(names))

    def _prepare(self) -> None:
        if self.certificate_file.exists() and self._authority_key.exists():
            return
        from cryptography import x509  # noqa: PLC0415 - an extra, and slow to import
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - as above

        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = ec.generate_private_key(ec.SECP256R1())
        name = f"csoundd on {socket.gethostname().partition('.')[0]}"[:64]
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        authority = (
            _builder(name, AUTHORITY_DAYS, key, None)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, _sha256())
        )
        _write(self._authority_key, _private(key))
        _write(self.certificate_file, _public(authority))

    def _is_good(self, names: list[str]) -> bool:
        """Whether the certificate there is has these names, a while to go, and is of this authority."""
        if not (self.leaf.exists() and self.leaf_key.exists()):
            return False
        from cryptography import x509  # noqa: PLC0415 - an extra, and slow to import
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - as above

        leaf = x509.load_pem_x509_certificate(self.leaf.read_bytes())
        try:
            leaf.verify_directly_issued_by(x509.load_pem_x509_certificate(self.certificate_file.read_bytes()))
        except (InvalidSignature, ValueError, TypeError):
            return False
        alternatives = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        held = {*alternatives.get_values_for_type(x509.DNSName)}
        held |= {str(address) for address in alternatives.get_values_for_type(x509.IPAddress)}
        return held == set(names) and leaf.not_valid_after_utc - timedelta(days=RENEWAL_DAYS) > datetime.now(UTC)


class AuthorityEndpoint:
    """``/authority``, which helps to install the authority on a phone, and ``/authority.crt``, its certificate.

    Both need no token: whoever comes here has none yet, and the certificate is no secret.
    """

    def __init__(self, authority: Authority) -> None:
        self._authority = authority

    def routes(self) -> list[BaseRoute]:
        """The routes that the HTTP server adds."""
        return [Route(PAGE, self._page, methods=["GET"]), Route(DOWNLOAD, self._download, methods=["GET"])]

    async def _page(self, _: Request) -> Response:
        return page(_PAGE.format(style=STYLE, download=DOWNLOAD[1:], fingerprint=escape(self._authority.fingerprint)))

    async def _download(self, _: Request) -> Response:
        try:
            content = self._authority.certificate_file.read_bytes()
        except OSError:
            return failed(NotFound("there is no authority any more"))
        headers = {"content-disposition": 'attachment; filename="csoundd.crt"', "cache-control": "no-store"}
        return Response(content, media_type="application/x-x509-ca-cert", headers=headers)


_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>csoundd: trust this daemon</title>
<style>{style}</style>
<h1>Trust this daemon</h1>
<p>Your browser does not know who made this daemon's certificate: the daemon did. Install its authority once, and
pages of the daemon may use all that a browser can do.
<p><a href="{download}">Download the authority</a>
<p>Before you trust it, compare its SHA-256 fingerprint with the one that csoundd pair and the daemon's log
show:
<p><code>{fingerprint}</code>
<h2>Android</h2>
<p>Settings, Security, Encryption &amp; credentials, Install a certificate, CA certificate; choose the file.
<h2>iPhone, iPad</h2>
<p>Open the file and allow the profile, install it in Settings, General, VPN &amp; Device Management; then switch it
on in Settings, General, About, Certificate Trust Settings.
<h2>Computers</h2>
<p>Firefox: Settings, Certificates, Authorities, Import. Others: the system's store of certificates.
</html>
"""


def names_of(host: str, further: Iterable[str]) -> list[str]:
    """The names and addresses that a server is reached by which listens on ``host``; ``further`` are added."""
    names = {"localhost", "127.0.0.1", "::1", *further}
    own = socket.gethostname().lower()
    names |= {own, own.partition(".")[0], f"{own.partition('.')[0]}.local"}
    bare = host.strip("[]").lower()
    names |= set(machine_addresses()) if bare in WILDCARDS else {bare}
    return sorted(filter(None, map(_plain, names)))


def machine_addresses() -> list[str]:
    """The IP addresses of this machine, but for those of one link alone."""
    import ifaddr  # noqa: PLC0415 - zeroconf brings it

    found = [each.ip if isinstance(each.ip, str) else each.ip[0] for card in ifaddr.get_adapters() for each in card.ips]
    return [plain for plain in map(_plain, found) if plain is not None]


WILDCARDS: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared with, never bound to


def _plain(name: str) -> str | None:
    """``name`` as a certificate has it, None for what it cannot have: a name that is none, an address of one link."""
    try:
        address = ip_address(name.partition("%")[0])
    except ValueError:
        return name if name.isascii() and 0 < len(name) <= 253 and " " not in name else None  # noqa: PLR2004 - of a name
    return None if address.is_link_local else str(address)


def fingerprint_of(certificate: Path) -> str:
    """The SHA-256 of the first certificate in a file, in pairs of digits with colons."""
    return sha256(first_of(certificate)).digest().hex(":").upper()


def expiry_of(certificate: bytes) -> float:
    """The Unix time at which a certificate in DER expires. Raises ValueError for what is none.

    The package cryptography, which knows, is an extra, and a certificate that somebody brings needs none.
    """
    outer, _ = _der(certificate, 0)
    fields, at = certificate[slice(*outer)], 0
    inner, _ = _der(fields, 0)
    while at < len(fields):
        # Of what a certificate has in it, the period of validity alone is two times (RFC 5280, 4.1.2.5).
        (begin, _), after = _der(fields, inner[0] if at == 0 else at)
        if fields[begin : begin + 1] in _TIMES:
            _, second = _der(fields, begin)
            last, _ = _der(fields, second)
            return _time(fields[slice(*last)].decode("ascii"))
        at = after
    raise ValueError("there is no period of validity in it")


_TIMES: Final = {b"\x17", b"\x18"}


def _der(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    """The place of the content of the value at ``at`` in DER, and the place after it."""
    size, begin = data[at + 1], at + 2
    if size & 0x80:
        begin += size & 0x7F
        size = int.from_bytes(data[at + 2 : begin])
    return (begin, begin + size), begin + size


def _time(text: str) -> float:
    """The Unix time of a time in ASN.1, ``YYMMDDhhmmssZ`` or with four digits of the year."""
    form = "%y%m%d%H%M%SZ" if len(text) == len("YYMMDDhhmmssZ") else "%Y%m%d%H%M%SZ"
    return datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()


def first_of(certificate: Path) -> bytes:
    """The first certificate in a file, in DER."""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    first = begin + certificate.read_text().partition(begin)[2].partition(end)[0] + end
    return ssl.PEM_cert_to_DER_cert(first)


def _no_password() -> str:
    raise ValueError("the key has a password, and nobody is there to type it")


def _builder(name: str, days: int, key: EllipticCurvePrivateKey, issuer: x509.Name | None) -> x509.CertificateBuilder:
    from cryptography import x509  # noqa: PLC0415 - an extra, and slow to import

    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name[:64])])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # Clocks differ.
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
    )


def _alternative(name: str) -> x509.GeneralName:
    from cryptography import x509  # noqa: PLC0415 - an extra, and slow to import

    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _sha256() -> SHA256:
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - an extra, and slow to import

    return SHA256()


def _private(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives import serialization as to  # noqa: PLC0415 - an extra, and slow to import

    return key.private_bytes(to.Encoding.PEM, to.PrivateFormat.PKCS8, to.NoEncryption())


def _public(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 - an extra, and slow to import

    return certificate.public_bytes(Encoding.PEM)


def _write(path: Path, content: bytes) -> None:
    """Put ``content`` in its place as a whole, readable for its owner only."""
    with NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as part:
        part.write(content)
        part.flush()
        os.fsync(part.fileno())
    Path(part.name).replace(path)
