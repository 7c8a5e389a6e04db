### Keys.

key-agent-runs = holds keys; ends with Ctrl-C
key-both-suspended = The keys are not in force from now on. Two registrars reinstate or revoke them the next working day.
key-program-asks = A program asks to sign:
key-suspended = The key is not in force from now on. Two registrars reinstate or revoke it the next working day.
