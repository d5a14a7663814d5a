"""Mails as they are: right, odd and broken."""

import time
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.outreach.email.reading import Broken, headers_of, read
from outreach.email.reader import mail

UTF8 = "Content-Type: text/plain; charset=utf-8"


def raw(head: str, body: str | bytes = "") -> bytes:
    content = body.encode() if isinstance(body, str) else body
    return f"From: Ana <ana@example.com>\nSubject: Hi\n{head}".encode() + b"\n\n" + content


def test_a_plain_mail_says_who_when_and_what() -> None:
    found = read(mail(message_id="<a@b>"))
    assert (found.name, found.address) == ("Ana", "ana@example.com")
    assert (found.key, found.subject) == ("<a@b>", "An appointment")
    assert found.text == "Please call me.\nPhone: +34600111222"
    assert found.sent_at is not None
    assert found.sent_at.isoformat() == "2026-11-20T09:00:00+00:00"


def test_a_forms_mail_is_from_whom_its_answer_goes_to() -> None:
    found = read(mail(sender="Shop <forms@shop.com>", Reply_To="Bo <BO@Example.com>"))
    assert (found.name, found.address) == ("Bo", "bo@example.com")


def test_the_text_is_taken_from_html_where_there_is_no_other() -> None:
    html = (
        "<html><head><style>p{}</style><title>x</title></head><body><p>Hello&nbsp;you</p><table>"
        "<tr><td>Phone</td><td>+34 600 111 222</td></tr></table><script>1</script>"
        '<a href="tel:+34600111222">call</a></body></html>'
    )
    found = read(raw("Content-Type: text/html; charset=utf-8", html))
    assert found.text == "Hello you\n\nPhone +34 600 111 222\n\ncall"
    assert found.links == ["tel:+34600111222"]


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (UTF8, "Größe".encode()),
        ("Content-Type: text/plain; charset=iso-8859-1", "Größe".encode("latin-1")),
        (UTF8, "Größe, schöne Grüße".encode("latin-1")),
        ("Content-Type: text/plain; charset=no-such-thing", "Größe".encode()),
        ("Content-Type: text/plain", "Größe".encode("utf-16")),
        (f"{UTF8}\nContent-Transfer-Encoding: base64", b"R3LDtsOfZQ=="),
        (f"{UTF8}\nContent-Transfer-Encoding: quoted-printable", b"Gr=C3=B6=C3=9Fe"),
    ],
)  # fmt: skip
def test_a_text_is_read_whatever_its_charset_claims_to_be(head: str, body: bytes) -> None:
    assert read(raw(head, body)).text.startswith("Größe")


def test_a_forwarded_mail_is_read_with_the_mail_in_it() -> None:
    inner = EmailMessage()
    inner["Subject"] = "Inner"
    inner.set_content("Tel.: 600 111 222")
    outer = EmailMessage()
    outer["From"] = "colleague@example.com"
    outer["Subject"] = "Fwd: Inner"
    outer.set_content("See below")
    outer.add_attachment(inner)
    assert read(outer.as_bytes()).text == "See below\n\nTel.: 600 111 222"


def test_files_are_no_text() -> None:
    message = EmailMessage()
    message.set_content("The words")
    message.add_attachment("Phone: +34999999999", filename="notes.txt")
    assert read(message.as_bytes()).text == "The words"


def test_a_mail_without_an_id_has_a_key_of_its_content() -> None:
    one, other = raw("X: 1", "a"), raw("X: 1", "b")
    assert read(one).key == read(one).key != read(other).key
    assert read(one).key.startswith("sha256:")
    assert len(read(raw("Message-ID: <" + "x" * 3_000 + "@y>")).key) < 100


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("Content-Type: multipart/mixed", "no boundary"),
        ('Content-Type: multipart/mixed; boundary="x"', "does not occur"),
    ],
)
def test_a_broken_tree_is_told_as_broken(head: str, why: str) -> None:
    broken = raw(f"Message-ID: <broken@x>\n{head}", "--other\n\nHello\n")
    with pytest.raises(Broken) as told:
        read(broken)
    assert why in told.value.text
    assert headers_of(broken).subject == "Hi"
    assert headers_of(broken).key == "<broken@x>"


def test_a_truncated_tree_is_read_as_far_as_it_goes() -> None:
    head = 'Content-Type: multipart/mixed; boundary="x"'
    assert read(raw(head, "--x\nContent-Type: text/plain\n\nPhone: 1\n")).text == "Phone: 1"


def test_a_tree_that_is_nested_without_end_is_told_as_broken() -> None:
    lines = [f'--{n}\nContent-Type: multipart/mixed; boundary="{n + 1}"\n' for n in range(3_000)]
    deep = raw('Content-Type: multipart/mixed; boundary="0"', "\n".join(lines))
    with pytest.raises(Broken):
        read(deep)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Return_Path": "<>"},
        {"X_Autoreply": "yes"},
    ],
)
def test_nobody_answers_a_machine(headers: dict[str, str]) -> None:
    assert read(mail(**headers)).automatic
    assert read(mail(Auto_Submitted="auto-generated")).automatic is None


def test_odd_headers_do_not_stop_the_reading() -> None:
    odd = (
        b"From: \xff\xfe =?utf-8?q?=FF?= <a@b@c>, =?bad?x?y?=\n"
        b"Subject: =?utf-8?b?!!!?= \x00\x1b[31m\n"
        b"Date: Yesterday\nTo: " + b"a@b," * 200_000 + b"\nContent-Type: ;;;=\n\nHello"
    )
    begun = time.monotonic()
    found = read(odd)
    assert found.text == "Hello"
    assert found.sent_at is None
    assert "\x00" not in found.subject
    assert "\x1b" not in found.subject
    assert time.monotonic() - begun < 5


def test_hostile_html_is_read_in_time() -> None:
    begun = time.monotonic()
    for piece in ("<!--", "<a ", "<a href='", "<![CDATA[", "</", "<div>", "&#", "<script>"):
        read(raw("Content-Type: text/html", piece * 100_000))
    assert time.monotonic() - begun < 10


def test_a_mail_of_25_megabytes_is_read() -> None:
    message = EmailMessage()
    message["Subject"] = "Plans"
    message.set_content("Phone: +34600111222")
    message.add_attachment(bytes(18 * 2**20), maintype="image", subtype="tiff", filename="a.tif")
    assert read(message.as_bytes()).text == "Phone: +34600111222"


@given(st.binary(max_size=400))
def test_no_bytes_are_more_than_broken(content: bytes) -> None:
    for prefix in (b"", b"Content-Type: multipart/mixed; boundary=x\n\n--x\n", b"From: "):
        try:
            found = read(prefix + content)
        except Broken:
            found = headers_of(prefix + content)
        for text in (found.text, found.subject, found.name, found.address, found.key):
            assert "\x00" not in text
            text.encode()


def test_what_is_no_tag_is_text() -> None:
    found = read(
        raw("Content-Type: text/html", "1 < 2 <b title='a>b'>bold</b> &lt;i&gt; <script>x")
    )
    assert found.text == "1 < 2 bold <i> x"
