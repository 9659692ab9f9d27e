package dev.reflux.events;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads what an external teacher says about an event. */
final class TeacherReader {

    private float[] probabilities = {};

    /** Reads the parser's current value, which is not null; null when all is well and the row has the probabilities. */
    @Nullable
    Rejection read(JsonParser parser, JsonToken token, Target.Teacher target, MicroBatchBuilder batch)
            throws IOException {
        int classes = target.classes().size();
        if (probabilities.length != classes) {
            probabilities = new float[classes];
        }
        Arrays.fill(probabilities, Float.NaN);
        Rejection rejection;
        if (token == JsonToken.START_ARRAY) {
            rejection = readInOrder(parser, target);
        } else if (token == JsonToken.START_OBJECT) {
            rejection = readByName(parser, target);
        } else if (token.isNumeric() && !Double.isFinite(parser.getDoubleValue())) {
            rejection = ValueReader.notFinite(parser, target);
        } else {
            rejection = readClass(parser, target);
        }
        return rejection != null ? rejection : add(target, batch);
    }

    private @Nullable Rejection readInOrder(JsonParser parser, Target.Teacher target) throws IOException {
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (count == probabilities.length) {
                return wrongSize(target, "more than " + count);
            }
            Rejection rejection = readProbability(parser, target, count++);
            if (rejection != null) {
                return rejection;
            }
        }
        return count == probabilities.length ? null : wrongSize(target, Integer.toString(count));
    }

    private @Nullable Rejection readByName(JsonParser parser, Target.Teacher target) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            int code = target.vocabulary()
                    .indexOf(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
            if (code < 0) {
                return new Rejection(
                        Reason.UNKNOWN_CLASS,
                        ValueReader.place(target) + "a probability for \"" + ValueReader.shorten(parser.getText())
                                + "\" found, the classes are " + target.classes());
            }
            if (!Float.isNaN(probabilities[code])) {
                return new Rejection(
                        Reason.NOT_JSON,
                        ValueReader.place(target) + "class '" + target.classes().get(code)
                                + "' is given twice; which one counts?");
            }
            parser.nextToken();
            Rejection rejection = readProbability(parser, target, code);
            if (rejection != null) {
                return rejection;
            }
        }
        for (int code = 0; code < probabilities.length; code++) {
            if (Float.isNaN(probabilities[code])) {
                probabilities[code] = 0;
            }
        }
        return null;
    }

    /** One class that it is sure of. */
    private @Nullable Rejection readClass(JsonParser parser, Target.Teacher target) throws IOException {
        int code = target.vocabulary().indexOf(parser);
        if (code < 0) {
            return new Rejection(
                    Reason.UNKNOWN_CLASS,
                    ValueReader.place(target) + ValueReader.describe(parser) + " found, the classes are "
                            + target.classes()
                            + "; give one of them, an array of probabilities in their order, or an object of names and"
                            + " probabilities");
        }
        Arrays.fill(probabilities, 0);
        probabilities[code] = 1;
        return null;
    }

    private @Nullable Rejection readProbability(JsonParser parser, Target.Teacher target, int code) throws IOException {
        if (!ValueReader.isNumber(parser.currentToken())) {
            return ValueReader.wrongType(parser, target, "nothing but a number for each class");
        }
        float probability = parser.getFloatValue();
        if (!Float.isFinite(probability)) {
            return ValueReader.notFinite(parser, target);
        }
        if (probability < 0) {
            return notProbabilities(target, ValueReader.describe(parser));
        }
        probabilities[code] = probability;
        return null;
    }

    private @Nullable Rejection add(Target.Teacher target, MicroBatchBuilder batch) {
        double sum = 0;
        for (float probability : probabilities) {
            sum += probability;
        }
        if (Math.abs(sum - 1) > TeacherField.SUM_TOLERANCE) {
            return notProbabilities(target, "a sum of " + (float) sum);
        }
        for (int code = 0; code < probabilities.length; code++) {
            batch.setTeacher(code, probabilities[code]);
        }
        return null;
    }

    private static Rejection wrongSize(Target.Teacher target, String found) {
        return new Rejection(
                Reason.WRONG_TEACHER_SIZE,
                ValueReader.place(target) + found + " probabilities found, one is needed for each of the "
                        + target.classes().size() + " classes; an object may leave classes out");
    }

    private static Rejection notProbabilities(Target.Teacher target, String found) {
        return new Rejection(
                Reason.NOT_PROBABILITIES,
                ValueReader.place(target) + found + " found, probabilities are not negative and sum to 1 within "
                        + TeacherField.SUM_TOLERANCE
                        + "; send neither logits nor percentages, and null for no opinion");
    }
}
