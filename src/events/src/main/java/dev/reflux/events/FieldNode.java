package dev.reflux.events;

import com.fasterxml.jackson.core.io.SerializedString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A place that some pointer of a schema leads to or through. Children are kept in the order of the schema, because
 * producers mostly write fields in one order: the child after the last one found is the best guess for the next.
 */
final class FieldNode {

    private static final FieldNode[] NONE = {};

    final SerializedString name;
    private final int position;
    private final List<Target> targets = new ArrayList<>();
    private final Map<String, FieldNode> byName = new HashMap<>();
    private final Map<Integer, FieldNode> byIndex = new HashMap<>();
    private FieldNode[] children = NONE;

    /** Number of the event in which this field was last met; tells a second occurrence from a first. */
    long metIn;

    private FieldNode(String name, int position) {
        this.name = new SerializedString(name);
        this.position = position;
    }

    /** The tree of all fields that the schema reads. */
    static FieldNode rootOf(List<Target> targets) {
        FieldNode root = new FieldNode("", 0);
        for (Target target : targets) {
            FieldNode node = root;
            for (String segment : JsonPointer.parse(target.path()).segments()) {
                node = node.childOrNew(segment);
            }
            node.targets.add(target);
        }
        root.freeze();
        return root;
    }

    /** What reads the value of this field; empty where the path only leads on. */
    List<Target> targets() {
        return targets;
    }

    /** The child after this one in the schema's order, or null. */
    @Nullable
    FieldNode after(@Nullable FieldNode previous) {
        int next = previous == null ? 0 : previous.position + 1;
        return next < children.length ? children[next] : null;
    }

    @Nullable
    FieldNode child(String member) {
        return byName.get(member);
    }

    @Nullable
    FieldNode child(int element) {
        return byIndex.get(element);
    }

    boolean hasElements() {
        return !byIndex.isEmpty();
    }

    private FieldNode childOrNew(String segment) {
        FieldNode child = byName.get(segment);
        if (child == null) {
            child = new FieldNode(segment, byName.size());
            byName.put(segment, child);
            if (segment.matches("0|[1-9]\\d{0,8}")) {
                byIndex.put(Integer.valueOf(segment), child);
            }
        }
        return child;
    }

    private void freeze() {
        children = new FieldNode[byName.size()];
        for (FieldNode child : byName.values()) {
            children[child.position] = child;
            child.freeze();
        }
    }
}
