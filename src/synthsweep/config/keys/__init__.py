"""The whole configuration as frozen types: every key, its type, its default and its range.

Hydra composes YAML onto these types, so that an unknown key or a wrong type fails there; ranges and the rules
between keys fail here. The YAML files of conf/ hold the values that a choice sets, and say what each is for.
"""
