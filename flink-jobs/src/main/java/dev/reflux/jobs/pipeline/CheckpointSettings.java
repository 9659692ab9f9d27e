package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;

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

        @Option(description = "What a student must show to be published", defaultValue = "{}")
        GateSettings gate) {

    /** Manifest, key and headers of a checkpoint record, and the batch around it. */
    private static final long ENVELOPE_BYTES = (1 << 20) + (1 << 16);

    public CheckpointSettings {
        Options.check(CheckpointSettings.class, every, inlineLimit, store, gate);
    }

    /** Largest checkpoint record in bytes: an inline model is base64, four bytes for three, inside its manifest. */
    public long largestRecordBytes() {
        return inlineLimit.bytes() * 4 / 3 + ENVELOPE_BYTES;
    }
}
