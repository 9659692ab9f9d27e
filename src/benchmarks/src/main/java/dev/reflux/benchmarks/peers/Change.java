package dev.reflux.benchmarks.peers;

import dev.reflux.events.BatchLayout;
import dev.reflux.events.LabelMask;
import dev.reflux.events.MicroBatch;
import dev.reflux.events.MicroBatchBuilder;

/** An abrupt change, put into decoded events. */
enum Change {
    /** Each class becomes the next one, the last the first. */
    LABELS {
        @Override
        int label(int label, int classes) {
            return label < 0 ? label : (label + 1) % classes;
        }
    },

    /** Numbers, pixels and the words of texts change places, each with the one half their number further on. */
    FEATURES {
        @Override
        int place(int place, int count) {
            return (place + count / 2) % count;
        }

        @Override
        int bucket(int bucket, int buckets) {
            // one further, so that words part where MOA has fewer buckets, too
            return (bucket + buckets / 2 + 1) % buckets;
        }
    };

    int label(int label, int classes) {
        return label;
    }

    /** Where the value of a column goes. */
    int place(int place, int count) {
        return place;
    }

    int bucket(int bucket, int buckets) {
        return bucket;
    }

    /**
     * The batch with all its events from one on changed.
     *
     * @param at how many events of the stream come before the change
     * @param first place of the batch's first event in the stream
     * @param mask that the batch was built with
     */
    MicroBatch apply(MicroBatch batch, int classes, long first, long at, LabelMask mask) {
        if (first + batch.size() <= at) {
            return batch;
        }
        BatchLayout layout = batch.layout();
        MicroBatchBuilder builder = new MicroBatchBuilder(layout, batch.size(), mask);
        for (int row = 0; row < batch.size(); row++) {
            boolean changed = first + row >= at;
            builder.beginRow();
            for (int c = 0; c < layout.numeric(); c++) {
                builder.setNumeric(
                        changed ? place(c, layout.numeric()) : c,
                        batch.numeric().get(row * layout.numeric() + c));
            }
            for (int c = 0; c < layout.categories(); c++) {
                builder.setCategory(c, batch.categories().get(row * layout.categories() + c));
            }
            for (int c = 0; c < layout.tensorVolume(); c++) {
                builder.setTensor(
                        changed ? place(c, layout.tensorVolume()) : c,
                        batch.tensors().get(row * layout.tensorVolume() + c));
            }
            for (int text = 0; text < layout.texts(); text++) {
                int column = row * layout.texts() + text;
                int buckets = layout.textBuckets().get(text);
                for (int t = batch.tokenOffsets().get(column);
                        t < batch.tokenOffsets().get(column + 1);
                        t++) {
                    int bucket = batch.tokens().get(t);
                    builder.addToken(text, changed ? bucket(bucket, buckets) : bucket);
                }
            }
            int label = batch.truth().get(row);
            builder.setLabel(changed ? label(label, classes) : label);
            builder.commitRow(
                    batch.partitions().get(row),
                    batch.offsets().get(row),
                    batch.eventTimes().get(row));
        }
        return builder.build(batch.id());
    }
}
