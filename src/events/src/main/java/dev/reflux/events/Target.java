package dev.reflux.events;

import java.util.ArrayList;
import java.util.List;

/** Where a field's value goes in the row. */
sealed interface Target {

    String path();

    /** What the field is, for messages. */
    String owner();

    /** Whether an event without the field is bad. */
    boolean required();

    record Numeric(String path, String owner, boolean required, int column) implements Target {}

    record Code(String path, String owner, boolean required, int column, int size) implements Target {}

    record Value(String path, String owner, boolean required, int column, Vocabulary values) implements Target {}

    record Text(String path, String owner, boolean required, int column, int buckets) implements Target {}

    /** {@code start} is the position of the first number among the row's tensors. */
    record Tensor(String path, String owner, boolean required, int start, int volume, List<Integer> shape)
            implements Target {}

    record ClassLabel(String path, List<String> classes, Vocabulary vocabulary) implements Target {
        @Override
        public String owner() {
            return "the label";
        }

        @Override
        public boolean required() {
            return false;
        }
    }

    record Teacher(String path, List<String> classes, Vocabulary vocabulary) implements Target {
        @Override
        public String owner() {
            return "the teacher";
        }

        @Override
        public boolean required() {
            return false;
        }
    }

    record Time(String path) implements Target {
        @Override
        public String owner() {
            return "the time";
        }

        @Override
        public boolean required() {
            return false;
        }
    }

    record Id(String path) implements Target {
        @Override
        public String owner() {
            return "the id";
        }

        @Override
        public boolean required() {
            return false;
        }
    }

    /** All that a decoder of this schema reads, in the schema's order. */
    static List<Target> of(EventSchema schema) {
        List<Target> targets = new ArrayList<>();
        int numeric = 0;
        int category = 0;
        int text = 0;
        int tensorStart = 0;
        for (Feature feature : schema.features()) {
            String path = feature.path();
            boolean required = feature.presence() == Presence.REQUIRED;
            if (feature instanceof NumericFeature number) {
                targets.add(new Numeric(path, "numeric '" + number.name() + "'", required, numeric++));
            } else if (feature instanceof CategoryFeature coded && coded.coded()) {
                String owner = "category '" + coded.name() + "'";
                targets.add(new Code(path, owner, required, category++, coded.size()));
            } else if (feature instanceof CategoryFeature listed) {
                String owner = "category '" + listed.name() + "'";
                targets.add(new Value(path, owner, required, category++, new Vocabulary(listed.values())));
            } else if (feature instanceof TextFeature words) {
                targets.add(new Text(path, "text '" + words.name() + "'", required, text++, words.buckets()));
            } else if (feature instanceof TensorFeature tensor) {
                String owner = "tensor '" + tensor.name() + "'";
                targets.add(new Tensor(path, owner, required, tensorStart, tensor.volume(), tensor.shape()));
                tensorStart += tensor.volume();
            }
        }
        Label label = schema.label();
        Vocabulary classes = new Vocabulary(label.classes());
        targets.add(new ClassLabel(label.path(), label.classes(), classes));
        if (schema.teacher() != null) {
            targets.add(new Teacher(schema.teacher().path(), label.classes(), classes));
        }
        if (schema.time() != null) {
            targets.add(new Time(schema.time()));
        }
        return targets;
    }
}
