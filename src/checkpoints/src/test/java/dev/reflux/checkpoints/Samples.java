package dev.reflux.checkpoints;

import dev.reflux.checkpoints.InputColumn.Category;
import dev.reflux.checkpoints.InputColumn.Numeric;
import dev.reflux.checkpoints.InputColumn.Tensor;
import dev.reflux.checkpoints.InputColumn.Text;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Manifests and checkpoints for tests. */
final class Samples {

    static final List<InputColumn> INPUTS = List.of(
            new Numeric("nswprice"),
            Category.ofCodes("day", 7),
            Category.ofValues("state", List.of("NSW", "VIC", "Süd \"Ost\"")),
            new Text("text", 32768),
            new Tensor("image", List.of(1, 28, 28)));

    private Samples() {}

    static Manifest manifest(byte[] model) {
        return manifest(model, "phone", 4200L);
    }

    static Manifest manifest(byte[] model, String student, @Nullable Long parent) {
        return new Manifest(
                "electricity",
                student,
                4400,
                281_600,
                Instant.parse("2026-01-31T12:00:00.250Z"),
                Checkpoint.sha256(model),
                model.length,
                INPUTS,
                List.of("DOWN", "UP"),
                new Manifest.Quality(0.875, 0.74, 0.31, Double.NaN, 0.96875, 1000),
                parent,
                new Manifest.Gate(Manifest.Decision.PUBLISHED, List.of("window accuracy 0.8750")),
                new Manifest.Verification(2.5e-7, 256));
    }

    /** With every field that a manifest need not have. */
    static Manifest complete(byte[] model) {
        Manifest plain = manifest(model);
        return new Manifest(
                plain.pipeline(),
                plain.student(),
                plain.step(),
                plain.eventsSeen(),
                plain.created(),
                plain.sha256(),
                plain.size(),
                plain.inputs(),
                plain.classes(),
                plain.quality(),
                plain.parentVersion(),
                plain.gate(),
                plain.verification(),
                "int8",
                new Manifest.PrecisionLoss(0.0015, 0.002, 0.03125, 1000),
                new Manifest.Rollback(4200, Instant.parse("2026-01-30T08:00:00Z"), "the labels of today are wrong"));
    }

    static Checkpoint checkpoint(byte[] model) {
        return new Checkpoint(manifest(model), model);
    }
}
