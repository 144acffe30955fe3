# Answers the prompts of a keyring in the place of a person, with the prompter that GNOME
# Keyring's own tests use: prints its name on the bus, and answers until stdin ends.
#
# Usage: prompter.py ANSWER...    a password, or --cancel
import ctypes
import sys

gcr = ctypes.CDLL("libgcr-base-3.so.1")
gcr.gcr_mock_prompter_start.restype = ctypes.c_char_p
name = gcr.gcr_mock_prompter_start()
gcr.gcr_mock_prompter_set_delay_msec(0)
for answer in sys.argv[1:]:
    if answer == "--cancel":
        gcr.gcr_mock_prompter_expect_password_cancel()
    else:
        gcr.gcr_mock_prompter_expect_password_ok(ctypes.c_char_p(answer.encode()), None)
print(name.decode(), flush=True)
sys.stdin.read()
