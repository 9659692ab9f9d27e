package dev.reflux.checkpoints.gate;

import dev.reflux.checkpoints.Manifest;
import dev.reflux.checkpoints.Manifest.Decision;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a gate decided, and all that it went by.
 *
 * @param candidate that was offered
 * @param reasons at least one
 * @param publishedStep step of the student published before; empty when there was none
 * @param publishedQuality of that student when it was published; null when there was none
 * @param comparison with that student on the same events
 */
public record GateDecision(
        Decision decision,
        Candidate candidate,
        List<Reason> reasons,
        OptionalLong publishedStep,
        Manifest.@Nullable Quality publishedQuality,
        Comparison comparison) {

    public GateDecision {
        reasons = List.copyOf(reasons);
        if (reasons.isEmpty()) {
            throw new IllegalArgumentException("a decision without a reason; say why");
        }
    }

    public boolean isPublished() {
        return decision == Decision.PUBLISHED;
    }

    /** As the manifest has it. */
    public Manifest.Gate forManifest() {
        return new Manifest.Gate(decision, reasons.stream().map(Reason::text).toList());
    }
}
