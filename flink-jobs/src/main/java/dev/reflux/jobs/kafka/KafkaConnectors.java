package dev.reflux.jobs.kafka;

import dev.reflux.jobs.pipeline.KafkaSettings;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.wire.OutgoingRecord;
import dev.reflux.jobs.wire.RawEvent;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaSinkBuilder;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;

/** The job's source and sinks, from a pipeline's settings. */
public final class KafkaConnectors {

    /** Below the brokers' default limit of 15 minutes, above any checkpoint interval that makes sense. */
    private static final String TRANSACTION_TIMEOUT_MS = "600000";

    private final Pipeline pipeline;
    private final String bootstrapServers;

    public KafkaConnectors(Pipeline pipeline, String bootstrapServers) {
        this.pipeline = pipeline;
        this.bootstrapServers = bootstrapServers;
    }

    /**
     * The events.
     *
     * @param bounded offset at which partition 0, then the only one to be read, ends; empty reads all partitions for ever
     */
    public KafkaSource<RawEvent> events(OptionalLong bounded) {
        String topic = pipeline.topics().events();
        KafkaSourceBuilder<RawEvent> source = rawEvents(topic, "reflux-" + pipeline.pipeline());
        if (bounded.isPresent()) {
            source.setBounded(OffsetsInitializer.offsets(Map.of(new TopicPartition(topic, 0), bounded.getAsLong())));
        } else {
            source.setProperty("partition.discovery.interval.ms", "60000");
        }
        return source.build();
    }

    /** The events that the scoring job scores, for ever. */
    public KafkaSource<RawEvent> eventsToScore() {
        String own = pipeline.scoring().events();
        return rawEvents(own == null ? pipeline.topics().events() : own, "reflux-" + pipeline.pipeline() + "-scoring")
                .setProperty("partition.discovery.interval.ms", "60000")
                .build();
    }

    private KafkaSourceBuilder<RawEvent> rawEvents(String topic, String group) {
        return KafkaSource.<RawEvent>builder()
                .setBootstrapServers(bootstrapServers)
                .setTopics(topic)
                .setGroupId(group)
                .setProperties(clientProperties())
                .setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed")
                .setStartingOffsets(StartingOffsets.of(pipeline.kafka()))
                .setDeserializer(new RawEventDeserializer());
    }

    /**
     * The students published, for ever.
     *
     * @param sinceMillis time of the first one, in milliseconds since the epoch
     */
    public KafkaSource<OutgoingRecord> students(long sinceMillis) {
        return KafkaSource.<OutgoingRecord>builder()
                .setBootstrapServers(bootstrapServers)
                .setTopics(pipeline.topics().checkpoints())
                .setGroupId("reflux-" + pipeline.pipeline() + "-students")
                .setProperties(clientProperties())
                .setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed")
                .setProperty("partition.discovery.interval.ms", "60000")
                .setStartingOffsets(OffsetsInitializer.timestamp(sinceMillis))
                .setDeserializer(new StudentDeserializer())
                .build();
    }

    /**
     * Where the students are published: a record is seen once, and only with the Flink checkpoint that covers it.
     *
     * <p>After a restart the connector commits once more what the restored Flink checkpoint covers. When that was
     * committed before the failure, a broker with transactions of version 2 (Kafka 4) answers that the producer is fenced,
     * because it raises the producer's epoch with every commit, and the connector logs an error about data loss. Nothing is
     * lost then. One way to lose a record remains: the process dies after the checkpoint and before the commit, and stays
     * down for longer than the transaction timeout. The broker then aborts the transaction, and readers go on with the
     * student before until the next one is published.
     */
    public KafkaSink<OutgoingRecord> exactlyOnce(
            String name, KafkaRecordSerializationSchema<OutgoingRecord> serializer) {
        return sink(serializer)
                .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                .setTransactionalIdPrefix("reflux-" + pipeline.pipeline() + "-" + name)
                // Pooled names are used again: a fenced commit would leave a later checkpoint's transaction open behind
                // it
                // (FLINK-40626), and that hides all that follows from readers until its timeout.
                .setTransactionNamingStrategy(TransactionNamingStrategy.INCREMENTING)
                .setProperty(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_TIMEOUT_MS)
                .setProperty(
                        ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                        Long.toString(pipeline.checkpoints().largestRecordBytes()))
                .build();
    }

    /** Where records may come twice after a failure and none is lost. */
    public KafkaSink<OutgoingRecord> atLeastOnce(String topic) {
        return sink(new OutgoingRecordSerializer(topic))
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                // a dead letter is as large as its event, and an event may be of any size that the brokers took
                .setProperty(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(Integer.MAX_VALUE))
                .build();
    }

    private KafkaSinkBuilder<OutgoingRecord> sink(KafkaRecordSerializationSchema<OutgoingRecord> serializer) {
        return KafkaSink.<OutgoingRecord>builder()
                .setBootstrapServers(bootstrapServers)
                .setKafkaProducerConfig(clientProperties())
                .setRecordSerializer(serializer);
    }

    private Properties clientProperties() {
        KafkaSettings kafka = pipeline.kafka();
        Properties properties = new Properties();
        properties.putAll(kafka.properties());
        return properties;
    }
}
