#include "widgets/registry.h"

#include "widgets/attention/attention_view.h"
#include "widgets/block/block_view.h"
#include "widgets/compare/compare_view.h"
#include "widgets/embeddings/embeddings_view.h"
#include "widgets/generation/generation_view.h"
#include "widgets/logit_lens/logit_lens_view.h"
#include "widgets/next_token/next_token_view.h"
#include "widgets/residual_stream/residual_stream_view.h"
#include "widgets/state/state_view.h"
#include "widgets/tokenizer/tokenizer_view.h"

namespace lw {

namespace {

constexpr ViewRow rows[] = {
    {"attention", QT_TRANSLATE_NOOP("View", "Attention"), QT_TRANSLATE_NOOP("View", "Attention"),
     QT_TRANSLATE_NOOP(
         "View",
         "What it shows: every head of every layer as a thumbnail, and one head large. A row is a query: how it shares its "
         "attention, 1 in all, over the keys it may see.\n"
         "How to read it: dark cells are large weights. A dark diagonal is attention to the token itself, the line below it to "
         "the previous token, a dark first column to the first token, which many heads use when they have nothing to say. Under "
         "the large "
         "head stands the arithmetic of the chosen row: q·k, scaled, masked, softmax, times the values.\n"
         "Try this: sort the heads by what they do, and type a sentence that says the same thing twice: induction heads look at "
         "what came "
         "after the first time."),
     "Once upon a time, there was a little girl named Lily. Once upon a time, there was a little girl named\n"
     "When Mary and John went to the store, John gave a drink to\n"
     "Tom had a red ball. Sam had a blue ball. Tom liked the color",
     QT_TRANSLATE_NOOP("View", "This model has no attention."), SiteId::Pattern, makeAttentionView, "state"},
    {"logit-lens", QT_TRANSLATE_NOOP("View", "Logit lens"), QT_TRANSLATE_NOOP("View", "Lens"),
     QT_TRANSLATE_NOOP("View",
                       "What it shows: what each layer’s stream would already say, if the final norm and the unembedding read "
                       "it. Rows are layers, the "
                       "output on top; columns are positions; the word is the most probable one, the shade its probability.\n"
                       "How to read it: go up a column and see where the answer appears and from which layer it stays. A click "
                       "opens a cell: its first "
                       "words, entropy, and the divergence from the output.\n"
                       "Try this: follow one token through all cells, and see in which layer another word overtakes it."),
     "Once upon a time, there was a little girl named\n"
     "The capital of France is\n"
     "One, two, three, four, five,",
     QT_TRANSLATE_NOOP("View", "This model has no residual stream to read out."), SiteId::ResidPost, makeLogitLensView, "state"},
    {"residual-stream", QT_TRANSLATE_NOOP("View", "Residual stream"), QT_TRANSLATE_NOOP("View", "Stream"),
     QT_TRANSLATE_NOOP("View",
                       "What it shows: how long the stream is at the chosen position, what each attention and each feed-forward "
                       "layer adds to it, and how "
                       "much every part pushed the logit of one token.\n"
                       "How to read it: bars to the right push the token up, bars to the left push it down; with the bias they "
                       "add up to the logit, and the sum "
                       "is printed beside the model’s own.\n"
                       "Try this: choose the second most probable token and see which part decided against it."),
     "Once upon a time, there was a little girl named Lily. She loved to play\n"
     "When Mary and John went to the store, John gave a drink to",
     QT_TRANSLATE_NOOP("View", "This model has no residual stream."), SiteId::ResidPost, makeResidualStreamView, "state"},
    {"block", QT_TRANSLATE_NOOP("View", "Block"), QT_TRANSLATE_NOOP("View", "Block"),
     QT_TRANSLATE_NOOP(
         "View",
         "What it shows: one block’s parts in their order at the chosen position: norm, the addition of attention or of "
         "what stands in its place, norm, feed-forward, its addition, and the next stream.\n"
         "How to read it: each strip is a vector, a cell a number. Neurons, and the channels of a state-space layer, are "
         "sorted by how long a step they add; beside each stands which words that step promotes.\n"
         "Try this: click a neuron, follow it back to the norm it reads, and check the sum at the bottom: it is "
         "the next block’s input."),
     "Once upon a time, there was a little girl named Lily. She loved to play\n"
     "The big red ball was in the",
     QT_TRANSLATE_NOOP("View", "The layers of this model do not add to a residual stream."), SiteId::ResidPost, makeBlockView,
     "state"},
    {"next-token", QT_TRANSLATE_NOOP("View", "Next token"), QT_TRANSLATE_NOOP("View", "Next"),
     QT_TRANSLATE_NOOP("View",
                       "What it shows: the distribution of the next token, as the model gives it and after temperature, top-k, "
                       "top-p and min-p; struck-out "
                       "tokens stay visible.\n"
                       "How to read it: the cumulative bar is cut into the tokens’ shares; the dice give a number between 0 and "
                       "1, and the token into whose share the "
                       "needle falls is taken.\n"
                       "Try this: roll several times, then lower the temperature and watch the shares grow apart. Click any bar "
                       "to force its token."),
     "Once upon a time, there was a\n"
     "The dog and the cat were",
     QT_TRANSLATE_NOOP("View", "This model gives no distribution of the next token."), SiteId::Logits, makeNextTokenView},
    {"state", QT_TRANSLATE_NOOP("View", "State"), QT_TRANSLATE_NOOP("View", "State"),
     QT_TRANSLATE_NOOP("View",
                       "What it shows: the memory of a layer that carries a state of fixed size from token to token. On top the "
                       "step at the chosen position: what was kept, erased and written makes the new state, and what is read out "
                       "of it goes on. Below, on the columns of the text: what is read, how large the state is, the gates, how "
                       "much of what the chosen token wrote is still there later, and the effective attention.\n"
                       "How to read it: the pictures of a step share one scale, so a pale picture has a small part in the sum. "
                       "The row under them is the sum of one number: click another cell to see its own. An effective weight may "
                       "be negative: then the token takes something away.\n"
                       "Try this: walk along the text and watch the survival curve; where the gates keep little, what stood "
                       "before is gone. C keeps a Transformer’s run on the same text as A: its real attention then stands beside "
                       "the effective one."),
     "Once upon a time, there was a little girl named Lily. She\n"
     "Tom had a red ball. Sam had a blue ball. Tom liked the color\n"
     "3 1 4 1 5 9 2 6",
     QT_TRANSLATE_NOOP("View", "No layer of this model carries a state of fixed size from token to token."), SiteId::MixerOut,
     makeStateView, "attention"},
    {"compare", QT_TRANSLATE_NOOP("View", "Compare"), QT_TRANSLATE_NOOP("View", "Compare"),
     QT_TRANSLATE_NOOP(
         "View",
         "What it shows: the same text through several models, one row each. A cell stands under the token that was "
         "read last: the word is what the model would say next, the number and the shade what it gave the token that "
         "does follow. Tokens of other tokenizers stand where their bytes are. On the right: bits a byte over the "
         "whole text, what the model carries on at the selected place, and the measured time of a step.\n"
         "How to read it: pale cells were expected, dark ones surprised the model. A cache grows with the text, a "
         "state of fixed size does not. Below, each model’s first choices at the selected place.\n"
         "Try this: step through a sentence that repeats a name, and see which models find it again. A click on a "
         "model’s name opens it in all views."),
     "Once upon a time, there was a little girl named Lily. She loved to play\n"
     "Tom had a red ball. Sam had a blue ball. Tom liked the color\n"
     "床前明月光，疑是地上霜。",
     QT_TRANSLATE_NOOP("View", "This model gives no distribution of the next token."), SiteId::Logits, makeCompareView},
    {"tokenizer", QT_TRANSLATE_NOOP("View", "Tokenizer"), QT_TRANSLATE_NOOP("View", "Tokens"),
     QT_TRANSLATE_NOOP(
         "View",
         "What it shows: how the text becomes tokens. Step by step: a byte-pair tokenizer joins two pieces at a time, "
         "always by the rule that was learned first; others match the longest entry, or search the most probable path "
         "through everything that fits. Side by side: the same text through several tokenizers, tokens over the "
         "characters that they cover, and how many tokens a file has that is dropped there. Learn: a vocabulary of "
         "your own, made before your eyes from a text. Vocabulary: all entries, searched, sorted and filtered.\n"
         "How to read it: the framed word is the one that changes; over the line stands the rule and what would have "
         "been next. Parts of one character are bracketed with the character over them.\n"
         "Try this: step through a Chinese sentence and count how many bytes become one token; then lay tokenizers "
         "with larger vocabularies beside it. Learn 2,000 ids from a text, and find the longest of them in the vocabulary."),
     "床前明月光，疑是地上霜。\n"
     "The unhappiest child in 1980\n"
     "naïve café 👩‍👩‍👧 déjà vu",
     QT_TRANSLATE_NOOP("View", "This model reads no tokens."), SiteId::Embed, makeTokenizerView},
    {"generation", QT_TRANSLATE_NOOP("View", "Generation"), QT_TRANSLATE_NOOP("View", "Tree"),
     QT_TRANSLATE_NOOP(
         "View",
         "What it shows: all continuations of this text so far as a tree, the shown path as a table, and beam "
         "search with the candidates it kept and "
         "dropped.\n"
         "How to read it: a node is a token with the probability it was given; a lane runs on until you go back "
         "and take another token. Beam search adds up "
         "log probabilities: a path that begins worse may end better. All at once guesses every position in rounds; Own words "
         "lets a wrong token stand at a place of the text and tells what the rest then costs; Best of ranks rolled texts; Two "
         "paths "
         "lie side by side with the place where they part; Cache runs this step with and without what is kept.\n"
         "Try this: step three tokens, go back by clicking, force another token, and lay the two paths side by side; open the "
         "beam search and press Example: two beams find what greedy misses. A right click on a node names its branch."),
     "Once upon a time, there was a little\n"
     "The dog\n"
     "Lily wanted to",
     QT_TRANSLATE_NOOP("View", "This model cannot continue a text."), SiteId::Logits, makeGenerationView},
    {"embeddings", QT_TRANSLATE_NOOP("View", "Embeddings"), QT_TRANSLATE_NOOP("View", "Vectors"),
     QT_TRANSLATE_NOOP(
         "View",
         "What it shows: how tokens become vectors. Row: the selected token as a one-hot vector, times the table, which "
         "is its row, and the rows of the whole table that lie nearest to it. Map: the whole table in two dimensions, "
         "with lists of words of your own as clusters, and arithmetic with vectors. Positions: how the model knows where "
         "a token stands: a table that is added, or a turning of queries and keys. Contexts: the same token in two "
         "texts, layer by layer.\n"
         "How to read it: a cosine of 1 is the same direction, 0 nothing in common. A map of two dimensions keeps only the "
         "part of the differences that its axes say. A token’s row is the same in every text; what the layers make of it is "
         "not.\n"
         "Try this: click from neighbour to neighbour; then lay word vectors beside the model’s own table, and ask for "
         "king − man + woman."),
     "Once upon a time, there was a little girl named Lily. She loved to play\n"
     "She sat on the bank of the river.\n"
     "他買了蘋果電腦",
     QT_TRANSLATE_NOOP("View",
                       "This model has no table of embeddings: its first layer reads one-hot vectors, or it counts tokens."),
     SiteId::Embed, makeEmbeddingsView},
};

}  // namespace

std::span<const ViewRow> viewRows() { return rows; }

const ViewRow* findView(const QString& id) {
    for (const ViewRow& row : rows) {
        if (id == QLatin1String(row.id)) return &row;
    }
    return nullptr;
}

}  // namespace lw
