package dev.reflux.distillation;

import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The columns of a layout that a model reads. Teacher and students may read different ones of the same example:
 * cross-modal distillation, or a teacher with features that do not exist where the student serves.
 *
 * @param layout all columns there are
 * @param numeric indices of the numeric columns that are read, ascending, and so on for the other kinds
 */
public record InputSelection(
        InputLayout layout,
        List<Integer> numeric,
        List<Integer> categories,
        List<Integer> texts,
        List<Integer> tensors) {

    public InputSelection {
        numeric = checked("numeric", numeric, layout.numeric());
        categories = checked("category", categories, layout.categorySizes().size());
        texts = checked("text", texts, layout.textBuckets().size());
        tensors = checked("tensor", tensors, layout.tensorShapes().size());
    }

    /** Every column. */
    public static InputSelection all(InputLayout layout) {
        return new InputSelection(
                layout,
                upTo(layout.numeric()),
                upTo(layout.categorySizes().size()),
                upTo(layout.textBuckets().size()),
                upTo(layout.tensorShapes().size()));
    }

    private static List<Integer> upTo(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    private static List<Integer> checked(String kind, Collection<Integer> columns, int count) {
        int last = -1;
        for (int column : columns) {
            if (column <= last || column >= count) {
                throw new IllegalArgumentException(kind + " columns " + columns
                        + " found, must be ascending and among the " + count + " that there are");
            }
            last = column;
        }
        return List.copyOf(columns);
    }

    /** Whether no column is left out. */
    public boolean isAll() {
        return numeric.size() == layout.numeric()
                && categories.size() == layout.categorySizes().size()
                && texts.size() == layout.textBuckets().size()
                && tensors.size() == layout.tensorShapes().size();
    }

    /**
     * Whether anything is there to be read of an example: a number, a known category, a word or a tensor. Of one without,
     * a network can say no more than how often each class comes.
     */
    public boolean sees(Examples examples, int row) {
        for (int column : numeric) {
            if (!Float.isNaN(examples.numeric().get(row * layout.numeric() + column))) {
                return true;
            }
        }
        for (int column : categories) {
            if (examples.categories().get(row * layout.categorySizes().size() + column) >= 0) {
                return true;
            }
        }
        for (int column : texts) {
            int text = row * layout.textBuckets().size() + column;
            if (examples.tokenOffsets().get(text + 1) > examples.tokenOffsets().get(text)) {
                return true;
            }
        }
        int at = row * layout.tensorVolume();
        for (int column = 0; column < layout.tensorShapes().size(); column++) {
            if (tensors.contains(column) && !Float.isNaN(examples.tensors().get(at))) {
                return true;
            }
            at += layout.tensorVolume(column);
        }
        return false;
    }

    /** The layout of the columns that are read alone. */
    public InputLayout selected() {
        return new InputLayout(
                numeric.size(),
                categories.stream().map(layout.categorySizes()::get).toList(),
                texts.stream().map(layout.textBuckets()::get).toList(),
                tensors.stream().map(layout.tensorShapes()::get).toList());
    }
}
