using System.Numerics.Tensors;

namespace Pipeline.Edge.Shadowing;

/// <summary>
/// Counts the rows whose largest element has the same index on both sides; NaN counts as the largest. Takes the elements
/// block by block, with rows of any length.
/// </summary>
internal struct TopClasses(int rowLength)
{
    private Largest expected;
    private Largest actual;
    private int inRow;

    public long Rows { get; private set; }

    public long RowsAgreeing { get; private set; }

    public void Add(ReadOnlySpan<double> expectedBlock, ReadOnlySpan<double> actualBlock)
    {
        if (rowLength == 0) return;
        while (!expectedBlock.IsEmpty)
        {
            int length = Math.Min(rowLength - inRow, expectedBlock.Length);
            expected.Add(expectedBlock[..length], inRow);
            actual.Add(actualBlock[..length], inRow);
            expectedBlock = expectedBlock[length..];
            actualBlock = actualBlock[length..];
            inRow += length;
            if (inRow < rowLength) continue;
            Rows++;
            if (expected.Index == actual.Index) RowsAgreeing++;
            inRow = 0;
        }
    }

    private struct Largest
    {
        private double value;

        public int Index { get; private set; }

        /// <param name="at">Where in its row the piece begins; 0 begins another row.</param>
        public void Add(ReadOnlySpan<double> piece, int at)
        {
            int index = TensorPrimitives.IndexOfMax(piece);
            double largest = piece[index];
            // The first of equals stays, and the first NaN.
            if (at > 0 && (double.IsNaN(value) || !(largest > value || double.IsNaN(largest)))) return;
            (value, Index) = (largest, at + index);
        }
    }
}
