package dev.reflux.service.monitor;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArraySet;
import org.jspecify.annotations.Nullable;

/**
 * What the live page shows, kept for an hour: ten minutes second by second, before that one second in five. Who subscribes
 * gets all of it and then what is new.
 */
final class LiveState {
    private static final int RECENT = 600;
    private static final int OLDER = 600;
    private static final int THINNING = 5;
    private static final int DECISIONS = 200;
    private static final int ALARMS = 500;
    private static final int HEAT_KEYS = 64;
    private static final int HEAT_WINDOWS = 120;
    private static final int BACKLOG = 256;

    private final ObjectNode header;
    private final Deque<ObjectNode> older = new ArrayDeque<>();
    private final Deque<ObjectNode> recent = new ArrayDeque<>();
    private final Deque<ObjectNode> decisions = new ArrayDeque<>();
    private final Deque<ObjectNode> alarms = new ArrayDeque<>();
    private final Map<String, Deque<ObjectNode>> heat = new LinkedHashMap<>();
    private final Map<String, ObjectNode> letters = new LinkedHashMap<>();
    private final Set<Subscription> subscriptions = new CopyOnWriteArraySet<>();
    private @Nullable ObjectNode classErrors;
    private long thinned;

    /** @param header what does not change */
    LiveState(ObjectNode header) {
        this.header = header;
    }

    /** One event of the stream to the page. */
    record Event(String name, String data) {}

    /** Someone who looks. Closed by the state when they do not keep up: they come back and get all of it again. */
    final class Subscription implements AutoCloseable {
        private final BlockingQueue<Event> queue = new ArrayBlockingQueue<>(BACKLOG);
        private volatile boolean open = true;

        /** The events to come, the first of them the whole state. */
        BlockingQueue<Event> queue() {
            return queue;
        }

        boolean isOpen() {
            return open;
        }

        @Override
        public void close() {
            open = false;
            subscriptions.remove(this);
        }

        private void offer(Event event) {
            if (!queue.offer(event)) {
                close();
            }
        }
    }

    synchronized Subscription subscribe() {
        Subscription subscription = new Subscription();
        subscription.offer(new Event("snapshot", snapshot().toString()));
        subscriptions.add(subscription);
        return subscription;
    }

    int subscribers() {
        return subscriptions.size();
    }

    private ObjectNode snapshot() {
        ObjectNode all = header.deepCopy();
        ArrayNode points = all.putArray("points");
        older.forEach(points::add);
        recent.forEach(points::add);
        all.set("classErrors", classErrors);
        addAll(all.putArray("decisions"), decisions);
        addAll(all.putArray("alarms"), alarms);
        ArrayNode windows = all.putArray("heat");
        heat.values().forEach(one -> addAll(windows, one));
        addAll(all.putArray("letters"), letters.values());
        return all;
    }

    private static void addAll(ArrayNode to, Collection<ObjectNode> nodes) {
        nodes.forEach(to::add);
    }

    /** @param errors as they stand with the point */
    synchronized void addPoint(ObjectNode point, ObjectNode errors) {
        recent.add(point);
        if (classErrors == null || point.hasNonNull("x")) {
            classErrors = errors;
        }
        if (recent.size() > RECENT) {
            ObjectNode oldest = recent.remove();
            if (thinned++ % THINNING == 0) {
                older.add(oldest);
            }
        }
        if (older.size() > OLDER) {
            older.remove();
        }
        ObjectNode sent = point.deepCopy();
        sent.set("classErrors", errors);
        send("point", sent);
    }

    synchronized void addDecision(ObjectNode decision) {
        add(decisions, DECISIONS, decision);
        send("decision", decision);
    }

    /** A drift record: a mark when it alarms, and a cell when it is a feature's. */
    synchronized void addDrift(ObjectNode record) {
        if (record.path("level").asText().equals("drift")) {
            add(alarms, ALARMS, record);
            send("alarm", record);
        }
        if (record.hasNonNull("feature")) {
            String key = record.path("feature").asText() + " "
                    + record.path("detector").asText();
            Deque<ObjectNode> windows = heat.get(key);
            if (windows == null && heat.size() < HEAT_KEYS) {
                windows = new ArrayDeque<>();
                heat.put(key, windows);
            }
            if (windows != null) {
                add(windows, HEAT_WINDOWS, record);
                send("heat", record);
            }
        }
    }

    /** The newest of its reason takes the place of the one before, and counts it. */
    synchronized void addLetter(ObjectNode letter) {
        ObjectNode before = letters.put(letter.path("reason").asText(), letter);
        letter.put("count", before == null ? 1 : before.path("count").asLong() + 1);
        send("letter", letter);
    }

    private static void add(Deque<ObjectNode> to, int limit, ObjectNode node) {
        to.add(node);
        if (to.size() > limit) {
            to.remove();
        }
    }

    private void send(String name, ObjectNode node) {
        if (!subscriptions.isEmpty()) {
            Event event = new Event(name, node.toString());
            new LinkedHashSet<>(subscriptions).forEach(subscription -> subscription.offer(event));
        }
    }

    /** Nothing will come any more. */
    synchronized void end() {
        header.put("ended", true);
        send("end", header);
    }

    /** Everyone is sent away. */
    void close() {
        subscriptions.forEach(Subscription::close);
    }
}
