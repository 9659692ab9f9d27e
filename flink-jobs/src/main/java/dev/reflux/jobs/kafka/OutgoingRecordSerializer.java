package dev.reflux.jobs.kafka;

import dev.reflux.jobs.wire.OutgoingRecord;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Sends outgoing records to one topic. */
public class OutgoingRecordSerializer implements KafkaRecordSerializationSchema<OutgoingRecord> {

    private static final long serialVersionUID = 1L;

    private final String topic;

    public OutgoingRecordSerializer(String topic) {
        this.topic = topic;
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(
            OutgoingRecord sent, KafkaSinkContext context, @Nullable Long timestamp) {
        return new ProducerRecord<>(topic, null, sent.timestamp(), sent.key(), sent.value(), sent.kafkaHeaders());
    }
}
