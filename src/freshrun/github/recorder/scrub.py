"""What is replaced before anyone publishes a recording: addresses of people, and signatures."""

import re

PERSON = "someone@example.invalid"
"""What stands for an e-mail address."""

REMOVED = "removed"
"""What stands for a password, and for a query string with a signature."""

_RESERVED = r"(?:[\w-]+\.)*(?:example\.(?:com|org|net)|example|invalid|test|localhost)"
_EMAIL = re.compile(
    rf"(?<![\w.+/:-])(?!git@)[\w.+-]+@(?!{_RESERVED}\b)(?:[\w-]+\.)+[A-Za-z]{{2,}}(?![\w.-]*/)"
)
_KEYS = "sig|signature|x-amz-[a-z-]+|x-goog-[a-z-]+|token|access_token|private_token"
_SIGNED = re.compile(
    rf"(?i)(https?://[^\s\"'<>?]+\?)(?:[^\s\"'<>]*?(?:&amp;|\\u0026|&))??(?:{_KEYS})=[^\s\"'<>]*"
)
_PASSWORD = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s/:@\"'<>]*):[^\s/@\"'<>]+@")


def scrubbed(content: bytes) -> bytes:
    """Return a file without e-mail addresses, passwords in addresses, and signed query strings.

    A file that is no UTF-8 text is returned as it is: a replacement would break it.
    """
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return content
    text = _SIGNED.sub(rf"\1{REMOVED}", text)
    text = _PASSWORD.sub(rf"\1:{REMOVED}@", text)
    return _EMAIL.sub(PERSON, text).encode()
