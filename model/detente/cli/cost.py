"""The estimated cost of a command in words and as JSON."""

from typing import TYPE_CHECKING, Any

from detente.cli.console import cores

if TYPE_CHECKING:
    from detente.runs.cost import Total


def cost_text(total: "Total", jobs: int | None) -> str:
    """``about 3 minutes on 2 cores (simulation 40 seconds, …); 1,500 ns per path and step on one core, measured …``."""
    from detente.shared import formatting

    text = f"about {formatting.duration(total.seconds)} on {cores(jobs)}"
    parts = [f"{name} {formatting.duration(seconds)}" for name, seconds in total.parts.items()]
    text += f" ({', '.join(parts)})" if len(parts) > 1 else ""
    return f"{text}; an estimate from {total.pace.value:,.0f} ns per path and step on one core, {total.pace.basis}"


def described_cost(total: "Total") -> dict[str, Any]:
    """Seconds in all and by part, and the speed behind them."""
    parts = {f"seconds_{name.replace(' ', '_')}": round(seconds, 1) for name, seconds in total.parts.items()}
    speed = {"nanoseconds_per_path_step": round(total.pace.value, 1), "measurements": total.pace.measurements}
    return {"seconds": round(total.seconds, 1)} | parts | speed
