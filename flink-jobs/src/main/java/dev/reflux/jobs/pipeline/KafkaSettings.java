package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;
import java.util.Map;

/** How to reach the brokers. */
public record KafkaSettings(
        @Option(
                description = "Brokers to ask first, separated by commas",
                defaultValue = "localhost:9092",
                pattern = "[^\\s,]+:\\d+(\\s*,\\s*[^\\s,]+:\\d+)*",
                patternInWords = "host:port, several separated by commas")
        String bootstrapServers,

        @Option(
                description =
                        "Where a first start begins to read the events; later starts go on where the last one stopped",
                defaultValue = "earliest")
        StartFrom startFrom,

        @Option(
                description =
                        "Any Kafka client property (SASL, TLS, ...), passed through to every consumer, producer and admin client",
                defaultValue = "{}")
        Map<String, String> properties) {

    /** Where a first start begins to read. */
    public enum StartFrom {
        /** The oldest event the brokers still have. */
        EARLIEST,
        /** Events that arrive after the start. */
        LATEST,
        /** The offsets that the consumer group committed, the oldest event where it has none. */
        COMMITTED
    }

    public KafkaSettings {
        properties = Options.copyInOrder(properties);
        Options.check(KafkaSettings.class, bootstrapServers, startFrom, properties);
    }
}
