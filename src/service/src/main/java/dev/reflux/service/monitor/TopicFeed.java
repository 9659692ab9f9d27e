package dev.reflux.service.monitor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflux.events.DeadLetter;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.TopicNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Follows what a pipeline writes: the gate's decisions, drift records, and dead letters, from their newest few hundred on.
 * Records that cannot be read are left out; a topic that is not there yet is looked for again.
 */
final class TopicFeed implements Runnable {
    private static final System.Logger LOGGER = System.getLogger(TopicFeed.class.getName());
    private static final long BACK = 500;
    private static final int SAMPLE = 600;
    private static final Duration POLL = Duration.ofMillis(250);
    private static final Duration RETRY = Duration.ofSeconds(3);

    private final TopicNames topics;
    private final Map<String, Object> properties;
    private final LiveState state;
    private final ObjectMapper mapper = new ObjectMapper();
    private volatile boolean stopped;
    private volatile @Nullable Consumer<byte[], byte[]> polling;

    TopicFeed(Pipeline pipeline, LiveState state) {
        this.topics = pipeline.topics();
        this.state = state;
        this.properties = new HashMap<>(pipeline.kafka().properties());
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, pipeline.kafka().bootstrapServers());
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        // two answers a second are enough for a page; by itself Kafka answers with each record
        properties.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1 << 20);
        properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 500);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    }

    /** Ends {@link #run}, soon. */
    void stop() {
        stopped = true;
        Consumer<byte[], byte[]> consumer = polling;
        if (consumer != null) {
            consumer.wakeup();
        }
        synchronized (this) {
            notifyAll();
        }
    }

    @Override
    public void run() {
        while (!stopped) {
            try (Consumer<byte[], byte[]> consumer =
                    new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                polling = consumer;
                follow(consumer);
            } catch (InterruptException | WakeupException e) {
                return;
            } catch (KafkaException e) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "the pipeline''s topics cannot be followed now: {0}",
                        e.toString());
                if (!pause()) {
                    return;
                }
            }
        }
    }

    private synchronized boolean pause() {
        try {
            wait(RETRY.toMillis());
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    private void follow(Consumer<byte[], byte[]> consumer) {
        long lookAgain = 0;
        int missing = 3;
        while (!stopped) {
            if (missing > 0 && System.nanoTime() - lookAgain >= 0) {
                missing = assign(consumer);
                lookAgain = System.nanoTime() + RETRY.toNanos();
            }
            if (consumer.assignment().isEmpty()) {
                if (!pause()) {
                    return;
                }
            } else {
                consumer.poll(POLL).forEach(this::take);
            }
        }
    }

    /** Adds the partitions of topics that were not there before; returns how many topics are still missing. */
    private int assign(Consumer<byte[], byte[]> consumer) {
        List<TopicPartition> all = new ArrayList<>(consumer.assignment());
        List<TopicPartition> fresh = new ArrayList<>();
        int missing = 0;
        for (String topic : List.of(topics.checkpointDecisions(), topics.drift(), topics.deadLetters())) {
            if (all.stream().anyMatch(one -> one.topic().equals(topic))) {
                continue;
            }
            List<PartitionInfo> partitions = consumer.partitionsFor(topic);
            missing += partitions.isEmpty() ? 1 : 0;
            partitions.forEach(one -> fresh.add(new TopicPartition(topic, one.partition())));
        }
        if (!fresh.isEmpty()) {
            all.addAll(fresh);
            consumer.assign(all);
            Map<TopicPartition, Long> first = consumer.beginningOffsets(fresh);
            Map<TopicPartition, Long> end = consumer.endOffsets(fresh);
            fresh.forEach(one -> consumer.seek(one, Math.max(first.get(one), end.get(one) - BACK)));
        }
        return missing;
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        if (record.topic().equals(topics.deadLetters())) {
            state.addLetter(letter(record));
            return;
        }
        JsonNode json = json(record.value());
        if (!(json instanceof ObjectNode object)) {
            return;
        }
        if (record.topic().equals(topics.drift())) {
            state.addDrift(object);
        } else {
            state.addDecision(object);
        }
    }

    private @Nullable JsonNode json(byte @Nullable [] value) {
        try {
            return value == null ? null : mapper.readTree(value);
        } catch (JsonProcessingException e) {
            return null;
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory cannot fail to be read", e);
        }
    }

    private ObjectNode letter(ConsumerRecord<byte[], byte[]> record) {
        ObjectNode letter = mapper.createObjectNode();
        letter.put("reason", header(record, DeadLetter.REASON_HEADER));
        letter.put("message", header(record, DeadLetter.MESSAGE_HEADER));
        letter.put(
                "position",
                header(record, DeadLetter.TOPIC_HEADER) + "-" + header(record, DeadLetter.PARTITION_HEADER) + "@"
                        + header(record, DeadLetter.OFFSET_HEADER));
        letter.put("t", record.timestamp());
        letter.put("sample", text(record.value()));
        return letter;
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? "unknown" : new String(header.value(), StandardCharsets.UTF_8);
    }

    /** The event as text, or its bytes in hexadecimal where it is none. */
    private static String text(byte @Nullable [] value) {
        if (value == null) {
            return "(no value)";
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(value))
                    .toString();
            return text.length() > SAMPLE ? text.substring(0, SAMPLE) + "…" : text;
        } catch (CharacterCodingException e) {
            int shown = Math.min(value.length, SAMPLE / 3);
            return "bytes " + HexFormat.ofDelimiter(" ").formatHex(value, 0, shown)
                    + (shown < value.length ? " …" : "");
        }
    }
}
