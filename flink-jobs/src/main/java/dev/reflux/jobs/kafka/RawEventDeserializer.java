package dev.reflux.jobs.kafka;

import dev.reflux.jobs.wire.RawEvent;
import dev.reflux.jobs.wire.WireType;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Takes records as they are: decoding belongs to the batch operator, which can say what is wrong with an event. */
final class RawEventDeserializer implements KafkaRecordDeserializationSchema<RawEvent> {

    private static final long serialVersionUID = 1L;

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> found, Collector<RawEvent> out) {
        out.collect(new RawEvent(
                found.key(), found.value(), found.topic(), found.partition(), found.offset(), found.timestamp()));
    }

    @Override
    public TypeInformation<RawEvent> getProducedType() {
        return WireType.RAW_EVENT;
    }
}
