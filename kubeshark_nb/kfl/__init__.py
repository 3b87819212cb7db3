"""The Kubeshark Filter Language: `match`, `validate` and `compile` are the whole interface."""
