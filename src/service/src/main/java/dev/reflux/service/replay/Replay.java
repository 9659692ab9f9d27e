package dev.reflux.service.replay;

import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Produces events into a topic, in order, each exactly once as far as this process can tell (idempotent producer): a
 * retry neither doubles nor reorders.
 *
 * <p>One thread runs it; others may ask how far it is and stop it.
 */
public final class Replay implements AutoCloseable {
    private static final Duration CLOSE = Duration.ofSeconds(10);

    private final String topic;
    private final long limit;
    private final double eventsPerSecond;
    private final KafkaProducer<byte[], byte[]> producer;
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private volatile long sent;
    private volatile boolean stopped;

    /**
     * How to replay.
     *
     * @param limit events at most; {@link Long#MAX_VALUE} for all
     * @param eventsPerSecond above 0; infinite for as fast as it goes
     */
    public record Pace(long limit, double eventsPerSecond) {
        public Pace {
            if (limit < 0) {
                throw new IllegalArgumentException("limit is " + limit + ", must not be negative");
            }
            if (!(eventsPerSecond > 0)) {
                throw new IllegalArgumentException("rate is " + eventsPerSecond + " events/s, must be above 0");
            }
        }

        /** As fast as it goes. */
        public static Pace unlimited(long limit) {
            return new Pace(limit, Double.POSITIVE_INFINITY);
        }
    }

    /** @param properties Kafka client properties (SASL, TLS) */
    public Replay(String bootstrapServers, Map<String, String> properties, String topic, Pace pace) {
        this.topic = topic;
        this.limit = pace.limit();
        this.eventsPerSecond = pace.eventsPerSecond();
        Map<String, Object> settings = new HashMap<>();
        settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 * 1024);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 10);
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 16 * 1024 * 1024);
        settings.putAll(properties);
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        // The leader of a topic just made may refuse a first request and take the second, which then waits in vain.
        settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        this.producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /**
     * Sends events until there are no more, the limit is reached, or {@link #stop} is called; returns when the brokers
     * have acknowledged all that was sent.
     *
     * @param events each as the JSON that goes to the topic
     * @return how many that are
     * @throws ReplayException when the brokers do not take an event
     */
    public long run(Iterator<byte[]> events) {
        long start = System.nanoTime();
        while (sent < limit && !stopped && failure.get() == null && events.hasNext()) {
            awaitTurn(start);
            if (stopped) {
                break;
            }
            producer.send(new ProducerRecord<>(topic, events.next()), (metadata, error) -> {
                if (error != null) {
                    failure.compareAndSet(null, error);
                }
            });
            sent++;
        }
        producer.flush();
        Exception error = failure.get();
        if (error != null) {
            throw new ReplayException(
                    "the brokers did not take an event of topic " + topic + ": " + error.getMessage(), error);
        }
        return sent;
    }

    /** Events handed to the producer so far. */
    public long sent() {
        return sent;
    }

    /** Makes {@link #run} return after the event at hand. */
    public void stop() {
        stopped = true;
    }

    @Override
    public void close() {
        producer.close(CLOSE);
    }

    private void awaitTurn(long start) {
        if (eventsPerSecond == Double.POSITIVE_INFINITY) {
            return;
        }
        long due = start + (long) (sent / eventsPerSecond * 1e9);
        while (!stopped) {
            long early = due - System.nanoTime();
            if (early <= 0) {
                return;
            }
            LockSupport.parkNanos(Math.min(early, 50_000_000));
        }
    }
}
