"""Settings that are valid and easily misread, each in one sentence."""

from detente.config.loader import Config

__all__ = ["cautions"]


def cautions(config: Config) -> list[str]:
    """Sentences on settings whose effect may not be the one meant.

    The price of the as-of date contains the Gulf's premium: a severity changed alone changes what of the price counts
    as premium, not the price.
    """
    sentences = []
    facts = f"facts/{config.as_of}.toml"
    moved = {
        key: facts not in config.origins.get(f"{key}.value", facts)
        for key in ("facts.gulf.severity", "facts.oil.brent")
    }
    if moved["facts.gulf.severity"] and not moved["facts.oil.brent"]:
        sentences.append(
            "facts.gulf.severity is changed and facts.oil.brent is not: the same initial price then holds another Gulf "
            "premium. Set facts.oil.brent as well, as the scenario price-triggered-licences does."
        )
    return sentences
