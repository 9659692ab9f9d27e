package dev.reflux.jobs.kafka;

import dev.reflux.jobs.wire.OutgoingRecord;
import dev.reflux.jobs.wire.WireType;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Takes checkpoint records as they were sent: what they are worth is for the scoring operator to say. */
final class StudentDeserializer implements KafkaRecordDeserializationSchema<OutgoingRecord> {

    private static final long serialVersionUID = 1L;

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> found, Collector<OutgoingRecord> out) {
        Map<String, String> headers = new HashMap<>();
        found.headers().forEach(header -> {
            if (header.value() != null) {
                headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
            }
        });
        out.collect(new OutgoingRecord(found.key(), found.value(), headers, found.timestamp()));
    }

    @Override
    public TypeInformation<OutgoingRecord> getProducedType() {
        return WireType.OUTGOING;
    }
}
