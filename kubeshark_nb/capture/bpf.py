"""Capture filters in the syntax of tcpdump, compiled for the kernel. Needs libpcap or tcpdump, whichever is there."""

from __future__ import annotations

import shutil
import struct
import subprocess

from kubeshark_nb.errors import CaptureError

INSTRUCTION = struct.Struct("=HBBI")  # struct sock_filter of linux/filter.h
LINKS = {1: "EN10MB", 12: "RAW", 101: "RAW", 127: "IEEE802_11_RADIO"}
MISSING = (
    "a capture filter needs libpcap or tcpdump, and neither is installed (apt install tcpdump); or leave --bpf out"
)
ADMIN = "/usr/local/sbin:/usr/sbin:/sbin"  # where tcpdump is, and not everybody's PATH leads


def compiled(expression: str, link: int) -> bytes:
    """The program for ``expression`` on frames of link type ``link``: an array of ``struct sock_filter``.

    Raises:
        CaptureError: the expression is wrong, or nothing is installed that understands it.
    """
    tool = shutil.which("tcpdump") or shutil.which("tcpdump", path=ADMIN)
    return _by_tcpdump(tool, expression, link) if tool else _by_libpcap(expression, link)


def _by_tcpdump(tool: str, expression: str, link: int) -> bytes:
    words = [tool, "-y", LINKS.get(link, "EN10MB"), "-ddd", "--", expression]
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    if done.returncode:
        raise _wrong(expression, (done.stderr.strip().splitlines() or ["no reason given"])[-1])
    _, *lines = done.stdout.splitlines()
    return b"".join(INSTRUCTION.pack(*map(int, line.split())) for line in lines)


def _by_libpcap(expression: str, link: int) -> bytes:
    try:
        from scapy.arch.common import compile_filter
        from scapy.error import Scapy_Exception
    except (ImportError, OSError):
        raise CaptureError(MISSING) from None
    try:
        program = compile_filter(expression, linktype=link)
    except (ImportError, OSError):
        raise CaptureError(MISSING) from None
    except Scapy_Exception as error:
        raise _wrong(expression, str(error)) from None
    steps = (program.bf_insns[number] for number in range(program.bf_len))
    return b"".join(INSTRUCTION.pack(step.code, step.jt, step.jf, step.k) for step in steps)


def _wrong(expression: str, reason: str) -> CaptureError:
    return CaptureError(f"the capture filter {expression!r} is wrong: {reason.removeprefix('tcpdump: ')}")
