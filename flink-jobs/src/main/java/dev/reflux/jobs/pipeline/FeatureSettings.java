package dev.reflux.jobs.pipeline;

import dev.reflux.events.ColumnRange;
import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.OptionException;
import dev.reflux.jobs.pipeline.options.Options;
import dev.reflux.jobs.pipeline.options.Variant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One input of the networks. */
public sealed interface FeatureSettings {

    String NAME = "Name of the feature, of its CSV column and of the model's input";
    String PATH = "JSON pointer to the value";
    String REQUIRED =
            "Whether an event without the field is a dead letter; if not, its value is missing, as with an explicit null";
    String NAME_RULE = "\\S(.*\\S)?";
    String NAME_WORDS = "text that neither is empty nor begins or ends with a blank";

    String name();

    String path();

    boolean required();

    /** A number, normalised by running statistics. */
    @Variant("numeric")
    record Numeric(
            @Option(description = NAME, pattern = NAME_RULE, patternInWords = NAME_WORDS)
            String name,

            @Option(
                    description = PATH,
                    defaultValue = "/<name>",
                    pattern = Pointers.RULE,
                    patternInWords = Pointers.WORDS)
            String path,

            @Option(description = REQUIRED, defaultValue = "true")
            boolean required)
            implements FeatureSettings {
        public Numeric {
            Options.check(Numeric.class, name, path, required);
        }
    }

    /** One of a known set: of the listed values, or of the codes {@code 0..size-1}. */
    @Variant("category")
    record Category(
            @Option(description = NAME, pattern = NAME_RULE, patternInWords = NAME_WORDS)
            String name,

            @Option(
                    description = PATH,
                    defaultValue = "/<name>",
                    pattern = Pointers.RULE,
                    patternInWords = Pointers.WORDS)
            String path,

            @Option(description = REQUIRED, defaultValue = "true")
            boolean required,

            @Option(
                    description = "Number of codes, where events carry the codes 0 to size - 1 themselves",
                    range = "[1, 16777216]")
            @Nullable
            Integer size,

            @Option(description = "The known values, in place of a size", defaultValue = "[]")
            List<String> values)
            implements FeatureSettings {
        public Category {
            values = List.copyOf(values);
            Options.check(Category.class, name, path, required, size, values);
            if (size == null && values.isEmpty()) {
                throw new OptionException("size", "missing; give the number of codes, or list the values");
            }
            if (size != null && !values.isEmpty()) {
                throw new OptionException(
                        "size", size + " found beside a list of " + values.size() + " values; give one of them");
            }
        }

        /** Number of codes. */
        public int codes() {
            return size == null ? values.size() : size;
        }
    }

    /** Words, hashed into buckets. */
    @Variant("text")
    record Text(
            @Option(description = NAME, pattern = NAME_RULE, patternInWords = NAME_WORDS)
            String name,

            @Option(
                    description = PATH,
                    defaultValue = "/<name>",
                    pattern = Pointers.RULE,
                    patternInWords = Pointers.WORDS)
            String path,

            @Option(description = REQUIRED, defaultValue = "true")
            boolean required,

            @Option(description = "Hash buckets of the tokens", defaultValue = "32768", range = "[1, 16777216]")
            int buckets)
            implements FeatureSettings {
        public Text {
            Options.check(Text.class, name, path, required, buckets);
        }
    }

    /** An array of numbers of a fixed shape: an image, a signal, an embedding. */
    @Variant("tensor")
    record Tensor(
            @Option(description = NAME, pattern = NAME_RULE, patternInWords = NAME_WORDS)
            String name,

            @Option(
                    description = PATH,
                    defaultValue = "/<name>",
                    pattern = Pointers.RULE,
                    patternInWords = Pointers.WORDS)
            String path,

            @Option(description = REQUIRED, defaultValue = "true")
            boolean required,

            @Option(
                    description = "Sizes of the dimensions, without the batch",
                    range = "[1, 16777216]",
                    count = "[1, 8]")
            List<Integer> shape,

            @Option(description = "The range of CSV columns that hold the values, such as p0..p783") @Nullable
            ColumnRange columns)
            implements FeatureSettings {
        public Tensor {
            shape = List.copyOf(shape);
            Options.check(Tensor.class, name, path, required, shape, columns);
        }
    }
}
