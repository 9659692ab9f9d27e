package dev.reflux.jobs.pipeline;

import dev.reflux.checkpoints.onnx.Precision;
import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;
import org.jspecify.annotations.Nullable;

/** Published students. */
public record CheckpointSettings(
        @Option(
                description = "How often a student is offered to the gate, in batches or events",
                defaultValue = "200 batches")
        Cadence every,

        @Option(
                description =
                        "Largest model that travels inside its Kafka record; larger ones are written to the store",
                defaultValue = "512KiB",
                range = "[0, 104857600]")
        DataSize inlineLimit,

        @Option(
                description =
                        "Folder or URI for models above the inline limit, on any file system that Flink knows (file:, s3:, ...) and the consumers reach",
                defaultValue = ".reflux/<pipeline>/models",
                pattern = "\\S.*",
                patternInWords = "a path or a URI")
        String store,

        @Option(
                description = "Models of each student that stay in the store; older ones are deleted",
                unit = "models",
                defaultValue = "20",
                range = "[2, 1000000]")
        int keep,

        @Option(description = "What a student must show to be published", defaultValue = "{}")
        GateSettings gate,

        @Option(
                description =
                        "Weights of published models: fp32 as trained, fp16 half the size, int8 a quarter; what that costs is measured and stands in the manifest",
                defaultValue = "fp32")
        Precision precision,

        @Option(description = "How published students are signed; without it they are not") @Nullable
        SignatureSettings signature) {

    /** Manifest, key and headers of a checkpoint record, and the batch around it. */
    private static final long ENVELOPE_BYTES = (1 << 20) + (1 << 16);

    public CheckpointSettings {
        Options.check(CheckpointSettings.class, every, inlineLimit, store, keep, gate, precision, signature);
    }

    /** The same, for a run that is gone when it ends: another store, and nobody to sign for. */
    public CheckpointSettings forOneRun(String otherStore) {
        return new CheckpointSettings(every, inlineLimit, otherStore, keep, gate, precision, null);
    }

    /** Largest checkpoint record in bytes: an inline model is base64, four bytes for three, inside its manifest. */
    public long largestRecordBytes() {
        return inlineLimit.bytes() * 4 / 3 + ENVELOPE_BYTES;
    }
}
