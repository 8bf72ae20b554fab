"""When a store shows "fulfilled": the parts of the policy that counts from the supplier's acceptance (R13)."""
