package dev.reflux.service.support;

import dev.reflux.service.embedded.EmbeddedKafka;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Small events of two numbers and a category; every fourth has no label, and the classes swap halfway. */
public final class TestEvents {

    public static final String SECTION = """
            events:
              label: { path: /label, classes: [in, out] }
              features:
                - { name: x, type: numeric }
                - { name: y, type: numeric }
                - { name: zone, type: category, size: 4 }
            """;

    /** Time of the record of event 0, in milliseconds since 1970. */
    public static final long FIRST_TIME = 1_700_000_000_000L;

    private TestEvents() {}

    /** Event number {@code i} of {@code n}. */
    public static byte[] event(long i, long n) {
        SplittableRandom random = new SplittableRandom(i * 7919 + 17);
        double x = random.nextDouble() * 2 - 1;
        double y = random.nextDouble() * 2 - 1;
        int zone = random.nextInt(4);
        boolean inside = x * x + y * y < 0.2 + 0.15 * zone;
        boolean swapped = i >= n / 2;
        String label = i % 4 == 3 ? "null" : inside != swapped ? "\"in\"" : "\"out\"";
        return String.format(Locale.ROOT, "{\"x\":%.6f,\"y\":%.6f,\"zone\":%d,\"label\":%s}", x, y, zone, label)
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Sends events {@code from} to {@code to} of {@code n} to partition 0 and waits until they are there. */
    public static void send(String bootstrapServers, String topic, long from, long to, long n) throws Exception {
        send(bootstrapServers, topic, from, LongStream.range(from, to).mapToObj(i -> event(i, n)));
    }

    /**
     * Sends values, null for a tombstone, to partition 0 and waits until they are there.
     *
     * @param first number of the first one, which becomes its time
     */
    public static void send(String bootstrapServers, String topic, long first, Stream<byte[]> values) throws Exception {
        Properties properties = new Properties();
        properties.putAll(Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "enable.idempotence",
                "true",
                // a topic just made may refuse the first request and take the next one: then the first never fits again
                "max.in.flight.requests.per.connection",
                "1",
                "max.request.size",
                EmbeddedKafka.MAX_RECORD_BYTES));
        AtomicReference<Exception> failure = new AtomicReference<>();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            long number = first;
            for (Iterator<byte[]> all = values.iterator(); all.hasNext(); number++) {
                producer.send(
                        new ProducerRecord<>(topic, 0, FIRST_TIME + number, null, all.next()), (metadata, error) -> {
                            if (error != null) {
                                failure.compareAndSet(null, error);
                            }
                        });
            }
        }
        if (failure.get() != null) {
            throw failure.get();
        }
    }
}
